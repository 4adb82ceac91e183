/** The name that stands for `this` of the script's class while `this` is the user. */
export const ownThis = '\u0000this'
