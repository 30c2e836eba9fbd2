package org.tantra.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;
import org.tantra.api.tensor.DType;
import org.tantra.nn.Arithmetic;
import org.tantra.nn.WeightForm;

/// Runs one measurement by its name: what `tools/bench` calls.
public final class Bench {
  private Bench() {}

  /// @param arguments the name, then what it takes
  public static void main(String[] arguments) throws RunnerException, IOException {
    String name = arguments.length == 0 ? "" : arguments[0];
    System.out.println("# " + Arithmetic.description() + ", Java " + Runtime.version());
    switch (name) {
      case "kernels" -> KernelRatios.run(System.out, arguments.length < 2 ? "" : arguments[1]);
      case "bandwidth" -> Bandwidth.run(System.out);
      case "decode" -> GptSpeed.run(System.out, forms(arguments), false);
      case "prefill" -> GptSpeed.run(System.out, forms(arguments), true);
      case "batch" ->
          (arguments.length < 2 ? List.of(WeightForm.AS_STORED, WeightForm.Q8_0) : forms(arguments))
              .forEach(form -> GptSpeed.together(System.out, form));
      case "requests" -> RequestSpeed.run(System.out, Path.of(arguments[1]), arguments[2]);
      case "sparsity" -> Sparsity.run(System.out);
      case "memory" -> MemoryUse.run(System.out, Path.of(arguments[1]), "spikingbrain");
      case "speech" -> SpeechSpeed.run(System.out, arguments[1], Path.of(arguments[3]));
      case "speech-home" ->
          new SpeechHome(Path.of(arguments[3])).make(arguments[1], DType.valueOf(arguments[2]));
      default -> {
        System.err.println("There is no measurement '" + name + "'.");
        System.exit(2);
      }
    }
  }

  /// Those named, else all, F32 first: the others are compared with it.
  private static List<WeightForm> forms(String[] arguments) {
    return arguments.length < 2
        ? List.of(WeightForm.values())
        : Arrays.stream(arguments).skip(1).map(WeightForm::valueOf).toList();
  }
}
