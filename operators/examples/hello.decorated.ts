import { llmNode, operator, workflow } from "openvibe/decorators";

@operator({ id: "hello", name: "Hello World" })
export default class Hello {
  greeting = "";

  @workflow({ id: "greet", trigger: "on_demand" })
  static Greet = class {
    @llmNode({ model: "haiku" })
    sayHello() {
      return {
        system: "You are friendly.",
        user: "Say hello!",
        outputKey: "greeting",
      };
    }
  };
}
