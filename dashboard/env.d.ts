/** What `rollup.config.js` makes of files that are no script. */
declare module '*.css' {}

/** The snippet's source, minified as it is to be pasted. */
declare module '*/stub.js' {
  const source: string;
  export default source;
}
