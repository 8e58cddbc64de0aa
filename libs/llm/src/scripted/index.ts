export { createScripted, type Script, type ScriptedLlm, type ScriptedOptions } from "./scripted.ts";
