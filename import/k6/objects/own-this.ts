/** The placeholder for `this` in methods of the script's classes. The translation needs it because its expression `this` means the user. */
export const ownThis = '\u0000this'
