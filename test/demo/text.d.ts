/** Style sheets come into the demo's pages as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
