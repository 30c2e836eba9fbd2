/// Views of a running host for Java programs: a text runtime for any language model, one for the
/// Mamba models and one for Tantra. They hold nothing but the host and a model's name, so there is
/// nothing to close, and whoever needs more asks the [org.tantra.host.Host] itself. The names of
/// these models stand here because the host knows none.
@NullMarked
package org.tantra.runtimes;

import org.jspecify.annotations.NullMarked;
