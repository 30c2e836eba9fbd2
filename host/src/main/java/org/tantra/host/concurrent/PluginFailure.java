package org.tantra.host.concurrent;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What went wrong in plugin code, as text.
///
/// A kept `Throwable` keeps the classes on its stack, and with them the plugin's class loader, even
/// if its own class is the JDK's. So everything is read from it on the thread where it was thrown.
record PluginFailure(
    ErrorKind kind, String message, @Nullable String subject, @Nullable String code) {
  private static final Logger log = LoggerFactory.getLogger(PluginFailure.class);

  PluginFailure(ErrorKind kind, String message) {
    this(kind, message, null, null);
  }

  /// Never throws, whatever the plugin's exception does when it is asked for its message.
  static PluginFailure of(PluginCall call, Throwable thrown) {
    if (thrown instanceof TantraException told) {
      return new PluginFailure(
          told.kind(), String.valueOf(told.getMessage()), told.subject(), told.code());
    }
    Throwable cause = unwrapped(thrown);
    if (log.isDebugEnabled()) {
      log.debug("Plugin {} failed while {}:\n{}", call.plugin(), call.doing(), traceOf(cause));
    }
    return new PluginFailure(
        ErrorKind.INTERNAL,
        "Plugin %s failed while %s: %s%s."
            .formatted(call.plugin(), call.doing(), describe(cause), placeOf(cause)));
  }

  /// A new exception with the stack of the calling thread.
  TantraException toException() {
    TantraException exception = new TantraException(kind, message);
    if (subject != null) {
      exception = exception.about(subject);
    }
    return code == null ? exception : exception.withCode(code);
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof InvocationTargetException
        || cause instanceof ExceptionInInitializerError) {
      Throwable next = cause.getCause();
      if (next == null) {
        return cause;
      }
      cause = next;
    }
    return cause;
  }

  private static String describe(Throwable cause) {
    try {
      return String.valueOf(cause);
    } catch (Throwable _) { // its getMessage() is plugin code too
      return cause.getClass().getName();
    }
  }

  private static String placeOf(Throwable cause) {
    try {
      StackTraceElement[] stack = cause.getStackTrace();
      return stack.length == 0 ? "" : " at " + withoutLoader(stack[0]);
    } catch (Throwable _) { // may be overridden
      return "";
    }
  }

  /// As a stack trace shows it, without the class loader's name, in which the runtimes differ.
  private static String withoutLoader(StackTraceElement frame) {
    return "%s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }

  private static String traceOf(Throwable cause) {
    try {
      StringWriter text = new StringWriter();
      cause.printStackTrace(new PrintWriter(text, true));
      return text.toString();
    } catch (Throwable _) { // may be overridden, or run out of memory again
      return describe(cause);
    }
  }
}
