package org.tantra.host.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.concurrent.BackgroundSync;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// Writes weights in another format or another type: planned first, streamed tensor by tensor, read
/// back and compared, then moved into place. A failure at any point leaves what was there before.
///
/// Memory is bounded by the largest tensor if it must be made anew (another type, another layout),
/// and by one buffer otherwise. Read back means every tensor, every byte: equal bytes have equal
/// checksums, and comparing two files is several times as fast as hashing both.
public final class WeightConverter {
  /// What a header may take beyond the tensors, when the disk is asked for space.
  private static final long HEADER_BYTES = 16L << 20;

  private final WeightOpener opener;
  private final ExtensionRegistry registry;

  public WeightConverter(WeightOpener opener, ExtensionRegistry registry) {
    this.opener = opener;
    this.registry = registry;
  }

  /// Converts.
  ///
  /// @throws TantraException `UNSUPPORTED` if no format writes such a file, or it cannot hold one
  ///   of the weights, naming them, before anything is written; `INVALID` if the target is a shard
  ///   of the source or has no folder; `EXHAUSTED` if the disk has not the space; `INTERNAL` if the
  ///   file does not read back as it was written; `CANCELLED`; whatever reading says
  public Conversion.Result convert(
      Conversion conversion, Conversion.Listener listener, Cancellation cancellation) {
    try (WeightOpener.Opened source = opener.open(conversion.from(), conversion.options())) {
      ChangedWeights changed = changed(source.file(), conversion.dtype());
      Conversion.Result result =
          write(
              new Origin(source.format(), source.file()),
              changed == null ? source.file() : changed,
              conversion,
              listener,
              cancellation);
      return new Conversion.Result(
          result.plan(),
          result.bytes(),
          changed == null ? Rounding.NONE : changed.rounding(),
          result.lostMetadata());
    } catch (IOException e) {
      throw unwritable(conversion, e);
    }
  }

  private static @Nullable ChangedWeights changed(WeightSource source, @Nullable DType dtype) {
    return switch (dtype) {
      case null -> null;
      case F64, F32, F16, BF16 -> new RetypedWeights(source, dtype);
      case Q8_0 -> new QuantizedWeights(source, Quantization.Q8_0);
      case Q4_0 -> new QuantizedWeights(source, Quantization.Q4_0);
      default ->
          throw new TantraException(
                  ErrorKind.INVALID,
                  "Nothing is converted to "
                      + dtype
                      + ". Choose F64, F32, F16, BF16, Q8_0 or Q4_0, or leave the types as they"
                      + " are.")
              .about("dtype");
    };
  }

  /// Writes weights that are in no file yet, with the same care.
  ///
  /// @param origin what made them, for the plan
  /// @param target where to; its `from`, `options` and `dtype` say nothing
  /// @throws TantraException as [#convert]
  Conversion.Result write(
      String origin,
      WeightSource weights,
      Conversion target,
      Conversion.Listener listener,
      Cancellation cancellation) {
    try {
      return write(new Origin(origin, weights), weights, target, listener, cancellation);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /// Formats that write, by id, each with the endings of its files.
  Map<String, List<String>> writable() {
    Map<String, List<String>> writable = new TreeMap<>();
    for (ExtensionRegistry.Entry entry : registry.list(WeightFormat.class)) {
      Optional<Lease<WeightFormat>> found = registry.lease(WeightFormat.class, entry.id());
      if (found.isPresent()) {
        try (Lease<WeightFormat> lease = found.get()) {
          if (lease.get().info().canWrite()) {
            writable.put(entry.id(), List.copyOf(lease.get().info().extensions()));
          }
        }
      }
    }
    return writable;
  }

  /// Where weights come from: the name of their format, and what they were before.
  private record Origin(String format, WeightSource weights) {}

  private Conversion.Result write(
      Origin origin,
      WeightSource weights,
      Conversion conversion,
      Conversion.Listener listener,
      Cancellation cancellation)
      throws IOException {
    try (Lease<WeightFormat> target = target(conversion)) {
      Path to = resolved(conversion.to());
      requireNoShard(conversion.from(), to);
      Conversion.Plan plan = plan(origin, weights, target.get());
      requireSpace(to, plan.bytes());
      listener.planned(plan);
      List<String> lost = new ArrayList<>();
      Run run = new Run(target.get(), weights, plan, listener, cancellation, lost);
      long bytes = AtomicFile.writeLarge(to, conversion.durable(), run::write, run::check);
      return new Conversion.Result(plan, bytes, Rounding.NONE, lost);
    }
  }

  private static TantraException unwritable(Conversion conversion, IOException e) {
    // The system has no exception of its own for it.
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new TantraException(
        full ? ErrorKind.EXHAUSTED : ErrorKind.INTERNAL,
        "'%s' cannot be written: %s.%s"
            .formatted(conversion.to(), e, full ? " Free some space or write elsewhere." : ""),
        e);
  }

  private Lease<WeightFormat> target(Conversion conversion) {
    String ending = WeightOpener.ending(conversion.to());
    List<Lease<WeightFormat>> fitting = new ArrayList<>();
    List<String> writable = new ArrayList<>();
    for (ExtensionRegistry.Entry entry : registry.list(WeightFormat.class)) {
      Optional<Lease<WeightFormat>> lease = registry.lease(WeightFormat.class, entry.id());
      if (lease.isEmpty()) {
        continue;
      }
      var info = lease.get().get().info();
      boolean wanted =
          conversion.format() == null
              ? info.extensions().contains(ending)
              : info.id().equals(conversion.format());
      if (info.canWrite()) {
        writable.add(info.id());
      }
      if (wanted && info.canWrite()) {
        fitting.add(lease.get());
      } else {
        lease.get().close();
      }
    }
    if (fitting.size() == 1) {
      return fitting.getFirst();
    }
    String several =
        fitting.stream().map(lease -> lease.get().info().id()).collect(Collectors.joining(", "));
    fitting.forEach(Lease::close);
    if (!several.isEmpty()) {
      throw new TantraException(
              ErrorKind.INVALID,
              "'%s' could be written as %s. Say which with --format."
                  .formatted(conversion.to().getFileName(), several))
          .about("format");
    }
    throw new TantraException(
            ErrorKind.UNSUPPORTED,
            "No running format writes %s. Formats that write: %s. Name one with --format."
                .formatted(
                    conversion.format() == null
                        ? "files that end in '." + ending + "'"
                        : "as '" + conversion.format() + "'",
                    writable.isEmpty() ? "none" : String.join(", ", writable)))
        .about("format");
  }

  private static Conversion.Plan plan(Origin origin, WeightSource weights, WeightFormat target) {
    List<TensorInfo> misfits =
        weights.tensors().stream()
            .filter(info -> !target.info().writes().contains(info.dtype()))
            .toList();
    if (!misfits.isEmpty()) {
      throw cannotHold(target, weights, misfits);
    }
    List<String> losses = new ArrayList<>();
    if (!target.info().metadata() && !weights.metadata().isEmpty()) {
      losses.add(
          "%s has no place for metadata: %s will be lost."
              .formatted(
                  target.info().id(),
                  weights.metadata().size() == 1
                      ? "'" + weights.metadata().keySet().iterator().next() + "'"
                      : weights.metadata().size() + " entries"));
    }
    roundings(origin.weights(), weights).ifPresent(losses::add);
    long bytes = weights.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    return new Conversion.Plan(
        origin.format(), target.info().id(), weights.tensors().size(), bytes, losses);
  }

  private static TantraException cannotHold(
      WeightFormat target, WeightSource weights, List<TensorInfo> misfits) {
    boolean floats =
        misfits.stream().allMatch(info -> Floats.readable(weights, info.dtype()))
            && target.info().writes().contains(DType.F32);
    return new TantraException(
            ErrorKind.UNSUPPORTED,
            "%s cannot hold type %s of %s. %s"
                .formatted(
                    target.info().id(),
                    misfits.stream()
                        .map(info -> info.dtype().name())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(", ")),
                    misfits.size() == 1
                        ? "weight '" + misfits.getFirst().name() + "'"
                        : misfits.size()
                            + " weights, '"
                            + misfits.getFirst().name()
                            + "' among them",
                    floats
                        ? "Add --dtype F32, or choose another format."
                        : "Choose another format."))
        .withCode("unsupported-dtype");
  }

  /// Which types lose precision on the way, before it is known whether a number does.
  private static Optional<String> roundings(WeightSource before, WeightSource after) {
    String pairs =
        before.tensors().stream()
            .flatMap(
                info ->
                    after.info(info.name()).stream()
                        .filter(now -> !Floats.holdsAllOf(now.dtype(), info.dtype()))
                        .filter(now -> now.dtype() != info.dtype())
                        .map(now -> info.dtype() + " to " + now.dtype()))
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return pairs.isEmpty()
        ? Optional.empty()
        : Optional.of("Numbers will be rounded to the nearest: " + pairs + ".");
  }

  /// The file that a symbolic link stands for, so that the link stays one.
  private static Path resolved(Path to) throws IOException {
    return Files.isSymbolicLink(to) && Files.exists(to) ? to.toRealPath() : to.toAbsolutePath();
  }

  /// The source itself may be replaced: it stays mapped until the new file has its name. A shard
  /// may not, the others would no longer fit.
  private static void requireNoShard(Path from, Path to) throws IOException {
    if (!ShardIndex.isNamedLikeOne(from) || !Files.exists(to)) {
      return;
    }
    List<Path> files = new ArrayList<>(List.of(from));
    ShardIndex.read(from).shards().forEach(shard -> files.add(from.resolveSibling(shard)));
    for (Path file : files) {
      if (Files.isSameFile(file, to)) {
        throw new TantraException(
            ErrorKind.INVALID,
            "'%s' is part of '%s', which is being read. Write to another file."
                .formatted(to.getFileName(), from.getFileName()));
      }
    }
  }

  private static void requireSpace(Path to, long bytes) throws IOException {
    Path folder = to.getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(to)) {
      throw new TantraException(
          ErrorKind.INVALID,
          Files.isDirectory(to)
              ? "'" + to + "' is a folder. Name a file in it."
              : "There is no folder '" + folder + "'. Make it first.");
    }
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (bytes > usable - HEADER_BYTES) {
      throw new TantraException(
          ErrorKind.EXHAUSTED,
          "'%s' will take %d bytes, the disk has %d left. Free some space or write elsewhere."
              .formatted(to.getFileName(), bytes, usable));
    }
  }

  /// One conversion while it runs.
  private record Run(
      WeightFormat target,
      WeightSource weights,
      Conversion.Plan plan,
      Conversion.Listener listener,
      Cancellation cancellation,
      List<String> lostMetadata) {

    void write(FileChannel channel, BackgroundSync sync) throws IOException {
      WatchedChannel watched = // the caller closes
          new WatchedChannel(channel, bytes -> written(bytes, sync));
      target.write(watched, weights);
      watched.flush();
    }

    private void written(long bytes, BackgroundSync sync) {
      cancellation.check();
      sync.advanced(bytes);
      listener.advanced("writing", Math.min(bytes, plan.bytes()), plan.bytes());
    }

    /// Opens the written file and compares it with what was to be written.
    void check(Path file) throws IOException {
      List<TensorInfo> expected = weights.tensors();
      // For a format without header; the others do not look at it.
      OpenOptions options =
          expected.size() == 1 ? new OpenOptions(expected.getFirst(), false) : OpenOptions.NONE;
      long done = 0;
      try (WeightFile written = target.open(file, options)) {
        if (written.tensors().size() != expected.size()) {
          throw differs(
              "it holds " + written.tensors().size() + " weights instead of " + expected.size());
        }
        for (TensorInfo info : expected) {
          cancellation.check();
          compare(info, written);
          done += info.byteSize();
          listener.advanced("checking", done, plan.bytes());
        }
        if (target.info().metadata()) {
          weights.metadata().entrySet().stream()
              .filter(entry -> !entry.getValue().equals(written.metadata().get(entry.getKey())))
              .forEach(entry -> lostMetadata.add(entry.getKey()));
        }
      }
    }

    private void compare(TensorInfo info, WeightFile written) throws IOException {
      if (!written.info(info.name()).equals(Optional.of(info))) {
        throw differs("weight '" + info.name() + "' came back as " + written.info(info.name()));
      }
      try (ComparingChannel comparing = new ComparingChannel(written, info.name())) {
        weights.copyTo(info.name(), comparing);
        if (comparing.mismatch() >= 0) {
          throw differs("weight '" + info.name() + "' differs at its byte " + comparing.mismatch());
        }
      }
    }

    private TantraException differs(String how) {
      return new TantraException(
          ErrorKind.INTERNAL,
          "The new file did not read back as written: %s. Nothing was replaced. Check disk and memory, and report this."
              .formatted(how));
    }
  }
}
