package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.plugin.pytorch.zip.ZipWriter;

/// Writes a flat state dict as a zip archive, the records in the order of `torch.save`.
final class TorchWriter {
  /// Everything PyTorch has a plain tensor type for. Its quantised types need a scale, which a
  /// state dict of other formats does not have.
  static final Set<DType> WRITES = writes();

  private static final String FOLDER = "archive/";

  private TorchWriter() {}

  private static Set<DType> writes() {
    EnumSet<DType> types = EnumSet.copyOf(AllowList.ELEMENT_TYPES.values());
    types.removeAll(EnumSet.of(DType.QI8, DType.QU8, DType.QI32));
    return types;
  }

  static void write(WritableByteChannel channel, WeightSource source) throws IOException {
    source.tensors().forEach(TorchWriter::check);
    Map<TensorInfo, Integer> storages = storages(source);
    ZipWriter zip = new ZipWriter(channel);
    add(zip, "data.pkl", StateDictPickle.of(storages));
    add(zip, ".format_version", "1");
    add(zip, ".storage_alignment", "64");
    add(zip, "byteorder", "little");
    int next = 0;
    for (Map.Entry<TensorInfo, Integer> entry : storages.entrySet()) {
      if (entry.getValue() < next) {
        continue; // shares the storage of an earlier one
      }
      TensorInfo tensor = entry.getKey();
      zip.add(
          FOLDER + "data/" + next,
          tensor.byteSize(),
          records -> source.copyTo(tensor.name(), records));
      next++;
    }
    add(zip, "version", "3\n");
    // PyTorch writes a hash here and never reads it; equal sources should give equal bytes.
    add(zip, ".data/serialization_id", "0".repeat(40));
    zip.finish();
  }

  private static void check(TensorInfo tensor) {
    if (!WRITES.contains(tensor.dtype())) {
      throw refuse(
          tensor,
          "unsupported-dtype",
          "has type "
              + tensor.dtype()
              + ", which PyTorch archives do not hold. Convert it to F32 or F16 first.");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(tensor.name())) {
      throw refuse(tensor, "bad-name", "has a name that is not valid Unicode. Rename it.");
    }
  }

  private static TantraException refuse(TensorInfo tensor, String code, String why) {
    return new TantraException(ErrorKind.UNSUPPORTED, "Weight '" + tensor.name() + "' " + why)
        .withCode(code);
  }

  private static void add(ZipWriter zip, String name, String text) throws IOException {
    add(zip, name, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void add(ZipWriter zip, String name, byte[] content) throws IOException {
    zip.add(FOLDER + name, content);
  }

  /// Each tensor with the number of its storage, counting from 0 in the order of first use. Tied
  /// weights stay tied: names that share a storage get one number if they see the same bytes of it.
  private static Map<TensorInfo, Integer> storages(WeightSource source) {
    Map<String, Integer> group = new LinkedHashMap<>();
    List<List<String>> shared = source.shared();
    for (int i = 0; i < shared.size(); i++) {
      for (String name : shared.get(i)) {
        group.put(name, i);
      }
    }
    Map<Region, Integer> tied = new LinkedHashMap<>();
    Map<TensorInfo, Integer> storages = new LinkedHashMap<>();
    int next = 0;
    for (TensorInfo tensor : source.tensors()) {
      Integer shares = group.get(tensor.name());
      Integer known = null;
      if (shares != null && tensor.byteSize() > 0) {
        try (Arena scratch = Arena.ofConfined()) {
          MemorySegment memory = source.tensor(tensor.name(), scratch).memory();
          // A copy in scratch memory has no address to compare; it becomes a storage of its own.
          boolean mapped = memory.isNative() && !memory.scope().equals(scratch.scope());
          known =
              mapped
                  ? tied.putIfAbsent(
                      new Region(shares, tensor.dtype(), memory.address(), memory.byteSize()), next)
                  : null;
        }
      }
      storages.put(tensor, known == null ? next++ : known);
    }
    return storages;
  }

  private record Region(int group, DType dtype, long address, long bytes) {}
}
