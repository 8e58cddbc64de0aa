import { operator, workflow } from "openvibe";
import { z } from "zod";

const Hello = z.object({ greeting: z.string().default("") });

const greet = workflow("greet", { state: Hello, trigger: "on_demand" }).llm("say_hello", {
  model: "haiku",
  system: "You are friendly.",
  user: "Say hello!",
  output: "greeting",
});

export default operator("hello", { name: "Hello World", workflows: [greet] });
