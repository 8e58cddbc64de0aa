export { checkKey, createContext, type SharedBucket, type SharedContext } from "./context.ts";
