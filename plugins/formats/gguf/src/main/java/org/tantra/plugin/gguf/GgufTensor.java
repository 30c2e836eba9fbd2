package org.tantra.plugin.gguf;

import org.tantra.api.tensor.TensorInfo;

/// One tensor of a file.
///
/// @param offset of its bytes from the beginning of the file
record GgufTensor(TensorInfo info, long offset) {
  long end() {
    return offset + info.byteSize();
  }
}
