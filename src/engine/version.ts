// The version of the package, which package.json states too; a test compares the two. A constant,
// because bundles and browsers have no package.json to read.

export const version: string = '0.1.0';
