package org.tantra.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Maps a well-formed safetensors file, for tests of models that run without a weight format
/// plugin. It trusts the file.
///
/// @param views the tensors by name, in the order of the header
public record SafetensorsFile(Map<String, TensorView> views) implements WeightSource {
  /// @param arena owner of the mapping
  public static SafetensorsFile map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      long length = all.get(TensorView.I64, 0);
      byte[] header = all.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
      Map<String, TensorView> views = new LinkedHashMap<>();
      for (var entry : new ObjectMapper().readTree(new String(header, UTF_8)).properties()) {
        if (!entry.getKey().equals("__metadata__")) {
          views.put(entry.getKey(), view(entry.getValue(), all.asSlice(8 + length)));
        }
      }
      return new SafetensorsFile(views);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TensorView view(JsonNode entry, MemorySegment data) {
    List<Long> sizes = new ArrayList<>();
    entry.get("shape").forEach(size -> sizes.add(size.longValue()));
    long from = entry.get("data_offsets").get(0).longValue();
    long to = entry.get("data_offsets").get(1).longValue();
    return new TensorView(
        DType.named(entry.get("dtype").textValue()).orElseThrow(),
        Shape.of(sizes.stream().mapToLong(Long::longValue).toArray()),
        data.asSlice(from, to - from));
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<TensorInfo> tensors() {
    return views.entrySet().stream()
        .map(
            view -> new TensorInfo(view.getKey(), view.getValue().dtype(), view.getValue().shape()))
        .toList();
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorView view = views.get(name);
    if (view == null) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no weight '" + name + "'.");
    }
    return view;
  }
}
