// bench/peer_polling.h -- how long the idle threads of peers poll.
#pragma once

namespace heddle::bench {

/// Peers run on OpenMP threads, which poll for milliseconds when they are idle, and would take the CPU from whoever is
/// measured next. This sets the limit that their runtime reads when it is loaded, and starts the program again where
/// the limit was not there yet.
void limit_peer_polling(char** arguments);

}  // namespace heddle::bench
