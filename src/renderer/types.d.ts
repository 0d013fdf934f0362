// Stylesheets and pictures go through Vite; TypeScript only needs to know that they exist.
declare module '*.css';
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module '*.svg' {
  const address: string;
  export default address;
}
declare module 'virtual:theme.css';
declare module '@fontsource-variable/inter/wght.css';
