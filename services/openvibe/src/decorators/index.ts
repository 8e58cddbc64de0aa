/** `openvibe/decorators`: operators as classes. Node runs no `@` yet: `openvibe dev|serve` loads such files, and the others are for other tools. */
export * from "@openvibe/sdk/decorators";
