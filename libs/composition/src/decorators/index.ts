export { type DecoratorHook, hookDecorators } from "./decorator-hook.ts";
export { type DecoratorsPlugin, decorators } from "./vite-plugin.ts";
