package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Several weight files as one state dict, by their index. Owns the files once it is made.
final class ShardedWeights implements WeightFile {
  private final String name;
  private final Map<String, String> metadata;
  private final List<WeightFile> files;
  private final Map<String, WeightSource> sources = new LinkedHashMap<>();
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final List<List<String>> shared = new ArrayList<>();

  /// @param shards open shards by file name
  /// @throws TantraException `CORRUPT` (code `shard-mismatch`) if index and shards disagree
  ShardedWeights(Path indexFile, ShardIndex index, Map<String, WeightFile> shards) {
    this.name = indexFile.getFileName().toString();
    this.metadata = index.metadata();
    this.files = List.copyOf(shards.values());
    index
        .files()
        .forEach(
            (weight, shard) -> {
              WeightSource source = shards.get(shard);
              TensorInfo info = source == null ? null : source.info(weight).orElse(null);
              if (source == null || info == null) {
                throw mismatch("weight '" + weight + "' is not in '" + shard + "'");
              }
              sources.put(weight, source);
              infos.put(weight, info);
            });
    shards.forEach(
        (shard, source) -> {
          for (TensorInfo tensor : source.tensors()) {
            if (!shard.equals(index.files().get(tensor.name()))) {
              throw mismatch(
                  "'"
                      + shard
                      + "' also holds '"
                      + tensor.name()
                      + "', which the index does not place there");
            }
          }
          shared.addAll(source.shared());
        });
  }

  private TantraException mismatch(String what) {
    return new TantraException(
            ErrorKind.CORRUPT,
            "Shard index '"
                + name
                + "' and its shards disagree: "
                + what
                + ". Fetch the shards again.")
        .withCode("shard-mismatch");
  }

  /// Of the shards, if they agree.
  @Override
  public String formatVersion() {
    List<String> versions = files.stream().map(WeightFile::formatVersion).distinct().toList();
    return versions.size() == 1 ? versions.getFirst() : "";
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(infos.values());
  }

  @Override
  public Optional<TensorInfo> info(String weight) {
    return Optional.ofNullable(infos.get(weight));
  }

  @Override
  public TensorView tensor(String weight, SegmentAllocator scratch) {
    return source(weight).tensor(weight, scratch);
  }

  @Override
  public Optional<FileSlice> slice(String weight) throws IOException {
    return source(weight).slice(weight);
  }

  @Override
  public Set<DType> expands() {
    return files.stream().flatMap(file -> file.expands().stream()).collect(Collectors.toSet());
  }

  @Override
  public TensorView expanded(String weight, SegmentAllocator scratch) {
    return source(weight).expanded(weight, scratch);
  }

  private WeightSource source(String weight) {
    WeightSource source = sources.get(weight);
    if (source == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND, "'" + name + "' has no weight '" + weight + "'.");
    }
    return source;
  }

  @Override
  public List<List<String>> shared() {
    return List.copyOf(shared);
  }

  @Override
  public void close() {
    files.reversed().forEach(WeightFile::close);
  }
}
