package org.tantra.plugin.pytorch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;

/// Reads one pickle as data. It is a stack machine like Python's, but its values are inert, its
/// names come from an exact allow list and its calls are patterns: nothing is imported, looked up
/// by name or run.
///
/// @see <a href="https://github.com/python/cpython/blob/main/Lib/pickle.py">Lib/pickle.py</a>
final class PickleMachine {
  private static final long MAXIMUM_OPCODES = 50_000_000;
  private static final int HIGHEST_PROTOCOL = 5;
  private static final Value.Bool TRUE = new Value.Bool(true);
  private static final Value.Bool FALSE = new Value.Bool(false);

  private final PickleInput input;
  private final Refusal refusal;
  private final StorageResolver storages;
  private final PickleTrace trace;
  private final boolean survey;
  private final HeapBudget budget;
  private final PickleNumbers numbers;
  private final PickleStrings strings;
  private final Calls calls;
  private final Memo memo = new Memo();
  private final List<Value> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();

  /// @param storages resolves the only references that leave the pickle
  /// @param trace learns what was met
  /// @param survey whether names outside the allow list are noted and stepped over, to list them
  ///   all; the result is then good for nothing else
  PickleMachine(
      PickleInput input,
      Refusal refusal,
      StorageResolver storages,
      PickleTrace trace,
      boolean survey) {
    this.input = input;
    this.refusal = refusal;
    this.storages = storages;
    this.trace = trace;
    this.survey = survey;
    this.budget = new HeapBudget(refusal);
    this.numbers = new PickleNumbers(input, refusal);
    this.strings = new PickleStrings(input, refusal, budget);
    this.calls = new Calls(refusal, budget);
  }

  /// Runs up to the STOP instruction and returns the one value left.
  ///
  /// @throws TantraException `CORRUPT` if the pickle is malformed or cut short; `UNSUPPORTED` if it
  ///   asks for something weights never need
  Value run() {
    for (long count = 0; count < MAXIMUM_OPCODES; count++) {
      refusal.at(input.position());
      Opcode opcode = Opcode.of(input.u8());
      if (opcode == null) {
        throw malformed("there is no such instruction");
      }
      trace.met(opcode);
      if (opcode == Opcode.STOP) {
        if (stack.size() != 1 || !marks.isEmpty()) {
          throw malformed("the pickle ends with " + stack.size() + " values instead of one");
        }
        return stack.getFirst();
      }
      step(opcode);
    }
    throw refusal.because("resource-limit", "the pickle has more instructions than any checkpoint");
  }

  private void step(Opcode opcode) {
    switch (opcode) {
      case PROTO -> {
        int protocol = input.u8();
        if (protocol > HIGHEST_PROTOCOL) {
          throw malformed("pickle protocol " + protocol + " is unknown");
        }
      }
      case FRAME -> input.expect(input.i64());
      case MARK -> {
        budget.take(HeapBudget.VALUE);
        marks.add(stack.size());
      }
      case POP -> {
        // As in Python: what is popped may be a mark.
        if (!marks.isEmpty() && marks.getLast() == stack.size()) {
          marks.removeLast();
        } else {
          pop();
        }
      }
      case POP_MARK -> popToMark();
      case DUP -> push(top());

      case NONE -> push(Value.None.NONE);
      case NEWTRUE -> push(TRUE);
      case NEWFALSE -> push(FALSE);
      case BININT -> push(new Value.Int(input.i32()));
      case BININT1 -> push(new Value.Int(input.u8()));
      case BININT2 -> push(new Value.Int(input.u16()));
      case BINFLOAT -> push(new Value.Real(input.f64BigEndian()));
      case LONG1, LONG4, INT, LONG, FLOAT -> push(numbers.read(opcode));

      case SHORT_BINUNICODE, BINUNICODE, BINUNICODE8, UNICODE -> push(strings.text(opcode));
      case SHORT_BINSTRING, BINSTRING, STRING -> push(strings.textOrBytes(opcode));
      case SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8 -> push(strings.bytes(opcode));

      case EMPTY_LIST -> pushContainer(new Value.Items(Value.Items.Kind.LIST, new ArrayList<>(0)));
      case EMPTY_TUPLE -> pushContainer(new Value.Items(Value.Items.Kind.TUPLE, List.of()));
      case EMPTY_SET -> pushContainer(new Value.Items(Value.Items.Kind.SET, new ArrayList<>(0)));
      case EMPTY_DICT -> pushContainer(new Value.Dict(Value.Dict.State.PLAIN));
      case LIST -> pushContainer(new Value.Items(Value.Items.Kind.LIST, popToMark()));
      case TUPLE -> pushContainer(new Value.Items(Value.Items.Kind.TUPLE, popToMark()));
      case FROZENSET -> pushContainer(new Value.Items(Value.Items.Kind.SET, popToMark()));
      case TUPLE1 -> pushContainer(new Value.Items(Value.Items.Kind.TUPLE, pop(1)));
      case TUPLE2 -> pushContainer(new Value.Items(Value.Items.Kind.TUPLE, pop(2)));
      case TUPLE3 -> pushContainer(new Value.Items(Value.Items.Kind.TUPLE, pop(3)));
      case DICT -> {
        Value.Dict dict = new Value.Dict(Value.Dict.State.PLAIN);
        putAll(dict, popToMark());
        pushContainer(dict);
      }
      case APPEND -> extend(Value.Items.Kind.LIST, pop(1));
      case APPENDS -> extend(Value.Items.Kind.LIST, popToMark());
      case ADDITEMS -> extend(Value.Items.Kind.SET, popToMark());
      case SETITEM -> setItems(pop(2));
      case SETITEMS -> setItems(popToMark());

      case BINPUT -> memoise(input.u8());
      case LONG_BINPUT -> memoise(input.u32());
      case PUT -> memoise(numbers.index());
      case MEMOIZE -> memoise(memo.size());
      case BINGET -> push(recall(input.u8()));
      case LONG_BINGET -> push(recall(input.u32()));
      case GET -> push(recall(numbers.index()));

      case GLOBAL -> push(global(strings.line(), strings.line()));
      case STACK_GLOBAL -> {
        List<Value> names = pop(2);
        if (!(names.get(0) instanceof Value.Text(var module))
            || !(names.get(1) instanceof Value.Text(var name))) {
          throw malformed("STACK_GLOBAL finds no two strings");
        }
        push(global(module, name));
      }
      case REDUCE -> {
        budget.take(HeapBudget.CALL);
        Value arguments = pop();
        push(calls.call(pop(), arguments));
      }
      case NEWOBJ -> {
        budget.take(HeapBudget.CALL);
        Value arguments = pop();
        push(calls.create(pop(), arguments));
      }
      case BUILD -> {
        Value state = pop();
        calls.build(top(), state);
      }
      case BINPERSID -> push(storage(pop()));

      case INST -> {
        // Refused in any case; its name is the more telling reason.
        global(strings.line(), strings.line());
        throw forbidden(opcode);
      }
      case OBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, NEXT_BUFFER, READONLY_BUFFER ->
          throw forbidden(opcode);
      case STOP -> throw new AssertionError("STOP does not come here");
    }
  }

  private Value global(String module, String name) {
    String global = AllowList.canonical(module, name);
    Value.@Nullable Symbol symbol = AllowList.find(global);
    budget.take(HeapBudget.CONTAINER + 2L * global.length());
    trace.met(global, symbol != null);
    if (symbol != null) {
      return symbol;
    }
    if (survey) {
      return new Value.Foreign(global);
    }
    throw refusal.because("forbidden-global", AllowList.refusal(global));
  }

  private Value storage(Value id) {
    if (id instanceof Value.Items(var kind, var parts) && kind == Value.Items.Kind.TUPLE) {
      return storages.resolve(parts, refusal);
    }
    throw refusal.because("bad-persistent-id", "the id of a storage is a " + id.kind());
  }

  private void extend(Value.Items.Kind kind, List<Value> values) {
    switch (top()) {
      case Value.Items(var type, var items) when type == kind -> items.addAll(values);
      case Value.Foreign _ -> {}
      case Value other -> throw malformed("items are added to a " + other.kind());
    }
  }

  private void setItems(List<Value> keysAndValues) {
    switch (top()) {
      case Value.Dict dict -> putAll(dict, keysAndValues);
      case Value.Foreign _ -> {}
      case Value other -> throw malformed("items are set in a " + other.kind());
    }
  }

  private void putAll(Value.Dict dict, List<Value> keysAndValues) {
    if (keysAndValues.size() % 2 != 0) {
      throw malformed("a dict key has no value");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      calls.put(dict, keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private void memoise(long index) {
    budget.take(index <= memo.size() ? HeapBudget.VALUE : HeapBudget.CONTAINER);
    memo.put(index, top());
  }

  private Value recall(long index) {
    Value value = memo.get(index);
    if (value == null) {
      throw malformed("memo " + index + " was never set");
    }
    return value;
  }

  private void push(Value value) {
    budget.take(HeapBudget.VALUE);
    stack.add(value);
  }

  private void pushContainer(Value value) {
    budget.take(HeapBudget.CONTAINER);
    push(value);
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  private Value top() {
    if (stack.size() <= floor()) {
      throw malformed("the stack is empty");
    }
    return stack.getLast();
  }

  private Value pop() {
    Value value = top();
    stack.removeLast();
    return value;
  }

  private List<Value> pop(int count) {
    if (stack.size() - floor() < count) {
      throw malformed("the stack is empty");
    }
    return popFrom(stack.size() - count);
  }

  private List<Value> popToMark() {
    if (marks.isEmpty()) {
      throw malformed("there is no mark on the stack");
    }
    return popFrom(marks.removeLast());
  }

  private List<Value> popFrom(int first) {
    List<Value> top = stack.subList(first, stack.size());
    List<Value> values = new ArrayList<>(top);
    top.clear();
    return values;
  }

  private TantraException malformed(String what) {
    return refusal.because("malformed-pickle", what);
  }

  private TantraException forbidden(Opcode opcode) {
    return refusal.because(
        "forbidden-opcode", "instruction " + opcode + " is one that weights never need");
  }
}
