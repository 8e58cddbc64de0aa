/** A plugin for Vite and Vitest, which hand decorators on to Node as they stand: `plugins: [decorators()]`. */
export { type DecoratorsPlugin, decorators } from "@openvibe/composition/decorators";
