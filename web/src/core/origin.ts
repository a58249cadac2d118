// Where the API is: the origin of the page, unless the build says another (docs/OPERATIONS.md, "An origin of its own").
export const apiOrigin: string = import.meta.env["API_ORIGIN"] || location.origin;
