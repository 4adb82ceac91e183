/** The placeholder for `this` of the script's class. During the translation, the expression `this` means the user. */
export const ownThis = '\u0000this'
