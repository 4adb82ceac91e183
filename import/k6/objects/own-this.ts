/** The placeholder for `this` in methods of the script's classes. In translated code, the plain expression `this` means the user. */
export const ownThis = '\u0000this'
