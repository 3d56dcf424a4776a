/** Styles are files of their own: the build takes them out of the script. */
declare module '*.css'
