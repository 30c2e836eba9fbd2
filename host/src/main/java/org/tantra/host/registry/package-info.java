/// Extensions and the right to use them: which plugin copies run, what they contribute, who holds a
/// lease, and what is in the drop-in folders. The only writer of plugin state is the lifecycle
/// thread; readers never lock.
@NullMarked
package org.tantra.host.registry;

import org.jspecify.annotations.NullMarked;
