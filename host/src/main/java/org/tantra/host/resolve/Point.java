package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.tantra.api.Encoder;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.WeightPlan;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// The extension points whose extensions are loaded and answer requests. Each has ids of its own,
/// so that one plugin may contribute a model and an encoder of the same checkpoint under one name.
enum Point {
  MODEL(Model.class),
  ENCODER(Encoder.class);

  private final Class<? extends WeightPlan.Maker> type;

  Point(Class<? extends WeightPlan.Maker> type) {
    this.type = type;
  }

  /// An extension of a point.
  record Id(Point point, String name) implements Comparable<Id> {
    @Override
    public int compareTo(Id other) {
      int names = name.compareTo(other.name);
      return names != 0 ? names : point.compareTo(other.point);
    }

    /// For messages: `model 'gpt2'`.
    @Override
    public String toString() {
      return point.noun() + " '" + name + "'";
    }

    /// The same at the beginning of a sentence.
    String capital() {
      String shown = toString();
      return Character.toUpperCase(shown.charAt(0)) + shown.substring(1);
    }
  }

  /// The interface of the api.
  Class<? extends WeightPlan.Maker> type() {
    return type;
  }

  /// As messages call it.
  String noun() {
    return this == MODEL ? "model" : "encoder";
  }

  /// The point of an interface of the api that is one of these.
  static Point of(Class<?> type) {
    for (Point point : values()) {
      if (point.type == type) {
        return point;
      }
    }
    throw new IllegalArgumentException(type + " is neither model nor encoder");
  }

  /// A lease on the extension of that id; see [ExtensionRegistry#lease(Class, String)].
  Optional<? extends Lease<? extends WeightPlan.Maker>> lease(
      ExtensionRegistry registry, String id) {
    return registry.lease(type, id);
  }

  /// What an extension says of itself. Plugin code.
  static KnownModel describe(Object extension, String plugin) {
    return switch (extension) {
      case Model model -> KnownModel.of(model.info(), plugin);
      case Encoder encoder -> KnownModel.of(encoder.info(), plugin);
      default -> throw stranger(extension);
    };
  }

  /// Loads an extension; an encoder becomes a model with the one capability [Embedding]. Plugin
  /// code.
  static LoadedModel load(Object extension, LoadContext context) {
    return switch (extension) {
      case Model model -> requireNonNull(model.load(context), "load() gave null");
      case Encoder encoder ->
          new EncoderAsModel(
              requireNonNull(encoder.load(context), "load() gave null"), encoder.info().width());
      default -> throw stranger(extension);
    };
  }

  /// Asks a model whether it answers as it should; an encoder has no such question. Plugin code.
  static void verify(Object extension, LoadedModel loaded) {
    if (extension instanceof Model model) {
      model.verify(loaded);
    }
  }

  private static IllegalArgumentException stranger(Object extension) {
    return new IllegalArgumentException(extension.getClass() + " is neither model nor encoder");
  }
}
