/** The parameters of a route template: '/products/:id' requires params { id }. */

type Word =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z'
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '_'
type TakeWord<S extends string, Taken extends string = ''> = S extends `${infer C}${infer Rest}`
  ? Lowercase<C> extends Word
    ? TakeWord<Rest, `${Taken}${C}`>
    : Taken
  : Taken
type PathOf<P extends string> = P extends `${infer Path}?${string}` ? Path : P
type Found<P extends string> = P extends `${string}/:${infer Rest}` ? TakeWord<Rest> | Found<Rest> : never
/** The names of the parameters in a route template. */
export type RouteParams<P extends string> = Exclude<Found<PathOf<P>>, ''>
