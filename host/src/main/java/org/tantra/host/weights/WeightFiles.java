package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.Progress;
import org.tantra.api.SafetyReport;
import org.tantra.api.SafetyReport.Finding;
import org.tantra.api.SafetyReport.Verdict;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.host.registry.Lease;

/// What can be done with weight files by themselves, whatever model they are for. Every method
/// takes a shard index for a file too. Safe from several threads.
public final class WeightFiles {
  private final WeightOpener opener;
  private final WeightConverter converter;
  private final WeightGenerator generator;

  public WeightFiles(WeightOpener opener, WeightConverter converter, WeightGenerator generator) {
    this.opener = opener;
    this.converter = converter;
    this.generator = generator;
  }

  /// Plans and makes weights that nobody has trained.
  public WeightGenerator generator() {
    return generator;
  }

  /// Opens a file; the caller closes it.
  ///
  /// @throws TantraException as [WeightOpener#open]
  public WeightOpener.Opened open(Path file) {
    return opener.open(file, OpenOptions.NONE);
  }

  /// Writes weights that are in no file yet, or not as they shall be.
  ///
  /// @param origin where they come from, for the plan
  /// @param target where to; its `from`, `options` and `dtype` say nothing
  /// @throws TantraException as [WeightConverter#convert]
  public Conversion.Result write(
      String origin,
      WeightSource weights,
      Conversion target,
      Conversion.Listener listener,
      Cancellation cancellation) {
    return converter.write(origin, weights, target, listener, cancellation);
  }

  /// Formats that write, by id, each with the endings of its files.
  public Map<String, List<String>> writable() {
    return converter.writable();
  }

  /// Opens a file of any running format: its header is read, its tensors are views.
  ///
  /// @return to be closed by the caller; until then the format's plugin is not unloaded
  /// @throws TantraException as [WeightOpener#open]
  public WeightOpener.Opened open(Path file, OpenOptions options) {
    return opener.open(file, options);
  }

  /// Reads a whole file and says what is in it.
  ///
  /// @throws TantraException as [WeightOpener#open]
  public WeightInspection inspect(Path file, OpenOptions options, Progress progress) {
    try (WeightOpener.Opened opened = opener.open(file, options)) {
      return WeightInspection.of(opened, progress);
    }
  }

  /// Writes weights in another format or another type.
  ///
  /// @throws TantraException as [WeightConverter#convert]
  public Conversion.Result convert(
      Conversion conversion, Conversion.Listener listener, Cancellation cancellation) {
    return converter.convert(conversion, listener, cancellation);
  }

  /// Writes weights with quantised matrices, rounding to the nearest.
  ///
  /// @throws TantraException as [WeightConverter#convert]; `INVALID` if there is no matrix to
  ///   quantise; `CORRUPT` if one of them holds infinities or what is no number
  public Quantization.Result quantize(
      Path from,
      Path to,
      Quantization quantization,
      Conversion.Listener listener,
      Cancellation cancellation) {
    try (WeightOpener.Opened opened = opener.open(from, OpenOptions.NONE)) {
      QuantizedWeights weights = new QuantizedWeights(opened.file(), quantization);
      Conversion target = Conversion.of(from, to).toFormat(quantization.format());
      Conversion.Result written =
          converter.write(opened.format(), weights, target, listener, cancellation);
      return new Quantization.Result(written, weights.loss());
    }
  }

  /// Compares two files, whatever their formats.
  ///
  /// @throws TantraException as [WeightOpener#open]
  public WeightDiff diff(Path first, Path second, OpenOptions options, Progress progress) {
    try (WeightOpener.Opened one = opener.open(first, options);
        WeightOpener.Opened two = opener.open(second, options)) {
      return WeightDiff.of(one.file(), two.file(), progress);
    }
  }

  /// Looks for code in a file, and for damage. A hostile or damaged file is an answer, not an
  /// error.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `INTERNAL` if it cannot be read
  public WeightScan scan(Path file) {
    try {
      if (!ShardIndex.isNamedLikeOne(file)) {
        return scanFile(file);
      }
      List<WeightScan> shards = new ArrayList<>();
      for (String shard : ShardIndex.read(file).shards()) {
        shards.add(scanFile(file.resolveSibling(shard)));
      }
      WeightScan together = together(shards);
      return together.clean() ? readWhole(file, together) : together;
    } catch (IOException e) {
      throw WeightOpener.unreadable(file, e);
    } catch (TantraException e) {
      return refused("", false, List.of(), e);
    }
  }

  private WeightScan scanFile(Path file) throws IOException {
    WeightOpener.Recognised recognised;
    try {
      recognised = opener.recognise(file, OpenOptions.NONE);
    } catch (TantraException e) {
      return refused("", false, List.of(), e);
    }
    try (Lease<WeightFormat> lease = recognised.lease()) {
      String format = lease.get().info().id();
      Optional<SafetyReport> report = lease.get().scan(file);
      SafetyReport found = report.orElse(new SafetyReport(Verdict.CLEAN, "", List.of()));
      WeightScan scan = new WeightScan(format, report.isPresent(), found);
      return scan.clean() ? readWhole(file, scan) : scan;
    }
  }

  /// Damage that only shows when a tensor is read, such as a wrong checksum, counts too.
  private WeightScan readWhole(Path file, WeightScan scan) {
    try (WeightOpener.Opened opened = opener.open(file, OpenOptions.NONE)) {
      for (TensorInfo info : opened.file().tensors()) {
        try (Arena scratch = Arena.ofConfined()) {
          opened.file().tensor(info.name(), scratch);
        }
      }
      return scan;
    } catch (TantraException e) {
      return refused(scan.format(), scan.carriesCode(), scan.report().findings(), e);
    }
  }

  private static WeightScan refused(
      String format, boolean carriesCode, List<Finding> findings, TantraException error) {
    if (error.kind() != ErrorKind.CORRUPT && error.kind() != ErrorKind.UNSUPPORTED) {
      throw error;
    }
    return new WeightScan(
        format, carriesCode, new SafetyReport(Verdict.REFUSED, error.getMessage(), findings));
  }

  /// One answer for several shards: refused if one is, with everything met in any of them.
  private static WeightScan together(List<WeightScan> shards) {
    Map<String, Finding> findings = new LinkedHashMap<>();
    for (WeightScan shard : shards) {
      for (Finding finding : shard.report().findings()) {
        findings.merge(
            finding.kind() + " " + finding.name(),
            finding,
            (a, b) -> new Finding(a.kind(), a.name(), a.count() + b.count(), a.allowed()));
      }
    }
    WeightScan first =
        shards.stream().filter(shard -> !shard.clean()).findFirst().orElse(shards.getFirst());
    return new WeightScan(
        first.format(),
        shards.stream().anyMatch(WeightScan::carriesCode),
        new SafetyReport(
            first.report().verdict(), first.report().reason(), List.copyOf(findings.values())));
  }
}
