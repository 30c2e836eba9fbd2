package org.tantra.api;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict: weights by name. Safe to read from several threads.
public interface WeightSource {
  /// Free text that came with the weights, in the order of the file; often empty.
  Map<String, String> metadata();

  /// What a file that describes a model says of it with types, such as the sizes and the vocabulary
  /// in a GGUF file; [#metadata()] shows the same as shortened texts. It stands in for a
  /// `config.json`. Read anew at each call; the default has nothing.
  ///
  /// @throws TantraException `CORRUPT` or `UNSUPPORTED` if it cannot be read
  default Settings attributes() {
    return Settings.empty("the weights");
  }

  /// Every tensor, in the order of the file.
  List<TensorInfo> tensors();

  /// What is known about one tensor. The default searches [#tensors()].
  default Optional<TensorInfo> info(String name) {
    return tensors().stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  /// One tensor's numbers: a zero-copy view of the file where its bytes lie there in row-major
  /// order, otherwise a copy made in memory from `scratch`.
  ///
  /// @param scratch where a copy goes; the view then lives as long as that memory
  /// @throws TantraException `NOT_FOUND` if there is no such tensor; `CORRUPT` if its bytes fail
  ///   their checksum
  TensorView tensor(String name, SegmentAllocator scratch);

  /// Where in a file the bytes lie that [#tensor] shows, if they lie there in one piece and in
  /// order. The default knows of none.
  ///
  /// @throws TantraException as [#tensor]
  /// @throws IOException if the file cannot be read
  default Optional<FileSlice> slice(String name) throws IOException {
    return Optional.empty();
  }

  /// Writes the bytes that [#tensor] shows to a channel: what a format does with a tensor whose
  /// bytes it need not see.
  ///
  /// @return how many there were
  /// @throws TantraException as [#tensor]
  /// @throws IOException if reading or writing fails
  default long copyTo(String name, WritableByteChannel to) throws IOException {
    Optional<FileSlice> slice = slice(name);
    if (slice.isPresent()) {
      return slice.get().copyTo(to);
    }
    try (Arena scratch = Arena.ofConfined()) {
      return tensor(name, scratch).copyTo(to);
    }
  }

  /// The quantised types whose tensors [#expanded] turns into plain numbers.
  default Set<DType> expands() {
    return Set.of();
  }

  /// What the numbers of a quantised tensor are, as F32: the bits that the reference implementation
  /// of the type computes.
  ///
  /// @param scratch where the numbers go; 4 bytes each
  /// @throws TantraException as [#tensor]; `UNSUPPORTED` if its type is none of [#expands]
  default TensorView expanded(String name, SegmentAllocator scratch) {
    throw new TantraException(
        ErrorKind.UNSUPPORTED, "Weight '" + name + "' is of no type that can be expanded.");
  }

  /// Groups of names that share one storage, such as a tied embedding and head; names alone are not
  /// listed.
  default List<List<String>> shared() {
    return List.of();
  }
}
