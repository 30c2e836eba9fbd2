package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Generation;

/// How a route writes an answer as JSON: whole, or as the events of a stream.
interface Shape {
  /// Begins each answer's id.
  String idPrefix();

  /// What a choice begins with, before the model's own first piece; nothing if that is nothing.
  Generation.@Nullable Piece opening(int choice, List<Generation.Token> promptTokens);

  /// The `choices` entry of a whole answer.
  ObjectNode whole(Choice choice);

  /// The beginning of a whole answer.
  ObjectNode wholeHead(Head head);

  /// The beginning of each event of a stream.
  ObjectNode chunkHead(Head head);

  /// The `choices` entry of an event that only opens the choice; nothing if no such event is sent.
  @Nullable ObjectNode chunkOpen(Choice choice);

  /// The `choices` entry of an event with the next text.
  ObjectNode chunk(Choice choice, String text, List<Generation.Token> tokens);

  /// The `choices` entry of an event that ends the choice.
  ObjectNode chunkEnd(Choice choice);
}
