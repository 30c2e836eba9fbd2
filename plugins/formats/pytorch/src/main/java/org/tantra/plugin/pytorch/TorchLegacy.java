package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;

/// The legacy layout, written by `torch.save` before version 1.6: five pickles in a row (magic
/// number, protocol, system, object, storage keys), then each storage as a count and its bytes.
final class TorchLegacy {
  /// What the layout is called.
  static final String VERSION = "legacy";

  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;
  private static final String[] PARTS = {
    "magic number", "protocol version", "system information", "state dict", "storage keys"
  };

  private final PickleInput input;
  private final Refusal refusal;
  private final PickleTrace trace;
  private final boolean survey;
  private final Map<String, StreamStorage> storages = new LinkedHashMap<>();
  private final Map<String, Value.StorageView> views = new LinkedHashMap<>();

  private TorchLegacy(MemorySegment file, Refusal refusal, PickleTrace trace, boolean survey) {
    this.refusal = refusal;
    this.trace = trace;
    this.survey = survey;
    this.input = new PickleInput(file, refusal);
  }

  static TorchFile open(MemorySegment file, String name) {
    Refusal refusal = Refusal.in(name);
    TorchLegacy legacy = new TorchLegacy(file, refusal, new PickleTrace(), false);
    Value root = legacy.read();
    legacy.locateStorages(legacy.unpickle(4));
    return new TorchFile(VERSION, Flattened.of(root, refusal.inside(PARTS[3])), refusal);
  }

  /// Notes everything the pickles mention, whether allowed or not.
  ///
  /// @throws TantraException for the first reason to refuse the file that is not just a name
  static void survey(MemorySegment file, String name, PickleTrace trace) {
    TorchLegacy legacy = new TorchLegacy(file, Refusal.in(name), trace, true);
    legacy.read();
    legacy.unpickle(4);
  }

  /// Reads up to and including the object.
  private Value read() {
    if (!(unpickle(0) instanceof Value.BigInt(var magic)) || !magic.equals(MAGIC)) {
      throw refusal.because("bad-magic", "its first pickle is not PyTorch's magic number");
    }
    if (!(unpickle(1) instanceof Value.Int(var protocol)) || protocol != PROTOCOL) {
      throw refusal.because("bad-version", "its protocol is not " + PROTOCOL);
    }
    if (!(unpickle(2) instanceof Value.Dict system)) {
      throw refusal.because("malformed-pickle", "its system information is not a dict");
    }
    Value littleEndian = system.items().get(new Value.Key("text", "little_endian", List.of()));
    if (!(littleEndian instanceof Value.Bool(var little)) || !little) {
      throw refusal.because("bad-byteorder", "it does not say that it is little-endian");
    }
    return unpickle(3);
  }

  private Value unpickle(int part) {
    Refusal at = refusal.inside(PARTS[part]);
    StorageResolver resolver =
        part == 3
            ? this::storage
            : (_, here) -> {
              throw here.because("bad-persistent-id", "there is a storage in a wrong place");
            };
    return new PickleMachine(input.reportingTo(at), at, resolver, trace, survey).run();
  }

  /// `('storage', class, key, location, number of elements, view)`, where the view is None or
  /// `(view key, offset, number of elements)`.
  private Value.StorageView storage(List<Value> id, Refusal at) {
    PersistentId reference = PersistentId.of(id, 6, at);
    Value.@Nullable StorageView known = views.get(reference.key());
    if (known != null) {
      reference.checkSame(known, at);
    } else {
      StreamStorage storage = new StreamStorage(reference);
      storages.put(reference.key(), storage);
      known = new Value.StorageView(storage, 0, reference.byteSize(), reference.dtype());
      views.put(reference.key(), known);
    }
    return id.get(5) == Value.None.NONE ? known : part(known, reference, id.get(5), at);
  }

  private static Value.StorageView part(
      Value.StorageView whole, PersistentId reference, Value view, Refusal at) {
    if (!(view instanceof Value.Items(_, var parts))
        || parts.size() != 3
        || !(parts.get(1) instanceof Value.Int(var offset))
        || !(parts.get(2) instanceof Value.Int(var elements))) {
      throw at.because("bad-persistent-id", "a view of a storage is described in an unknown way");
    }
    if (offset < 0
        || elements < 0
        || offset > reference.elements()
        || elements > reference.elements() - offset) {
      throw at.because("storage-bounds", "a view lies outside storage '" + reference.key() + "'");
    }
    int size = reference.dtype().blockBytes();
    return new Value.StorageView(
        whole.storage(), offset * size, elements * size, reference.dtype());
  }

  /// Walks over the storages behind the pickles; every size is compared with what is left first.
  private void locateStorages(Value keys) {
    input.reportingTo(refusal);
    if (!(keys instanceof Value.Items(var kind, var items))
        || kind != Value.Items.Kind.LIST
        || items.size() != storages.size()) {
      throw mismatch("its list of storages is not that of its tensors");
    }
    for (Value key : items) {
      String name =
          switch (key) {
            case Value.Text(var text) -> text;
            case Value.Int(var number) -> Long.toString(number);
            default -> throw mismatch("its list of storages holds a " + key.kind());
          };
      StreamStorage storage = storages.get(name);
      if (storage == null || storage.content != null) {
        throw mismatch("its list of storages has '" + name + "', its tensors have not");
      }
      refusal.at(input.position());
      long elements = input.i64();
      if (elements != storage.id.elements()) {
        throw mismatch(
            "storage '"
                + name
                + "' has "
                + elements
                + " elements, its tensors expect "
                + storage.id.elements());
      }
      storage.offset = input.position();
      storage.content = input.take(storage.byteSize());
    }
    if (input.left() > 0) {
      throw refusal.because(
          "trailing-bytes", "there are " + input.left() + " bytes after the last storage");
    }
  }

  private TantraException mismatch(String what) {
    return refusal.because("storage-mismatch", what);
  }

  /// A storage whose place is known once all pickles are read.
  private static final class StreamStorage implements Storage {
    private final PersistentId id;
    private @Nullable MemorySegment content;
    private long offset;

    StreamStorage(PersistentId id) {
      this.id = id;
    }

    @Override
    public long byteSize() {
      return id.byteSize();
    }

    @Override
    public boolean bigEndian() {
      return false;
    }

    @Override
    public MemorySegment content(SegmentAllocator scratch) {
      if (content == null) {
        throw new IllegalStateException("storage '" + id.key() + "' was not located");
      }
      return content;
    }

    @Override
    public Optional<FileSlice> slice(MappedFile file) {
      return Optional.of(file.slice(offset, byteSize()));
    }
  }
}
