/// What tests of the host and of plugins share: contracts that every plugin must pass, ours and
/// third parties', fixtures, a clock that is set by hand. A plugin's test class extends the
/// contract of its extension point and names a fixture.
@NullMarked
package org.tantra.testkit;

import org.jspecify.annotations.NullMarked;
