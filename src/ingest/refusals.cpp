#include "ingest/refusals.h"

namespace lode::ingest {

Refusal not_ready() {
  return {503, {"not_ready", "", "The server is replaying its log; send the request again in a moment."}, 1};
}

Refusal stopping() {
  return {503, {"stopping", "", "The server is stopping; send the request again when it is back."}, 1};
}

Refusal queue_full() {
  return {429,
          {"queue_full", "", "The server has as much in flight as it may; send the request again later."},
          1};
}

Refusal no_leader() {
  return {503, {"no_leader", "", "The cluster has no leader at the moment; send the request again."}, 1};
}

Refusal outcome_unknown() {
  return {503,
          {"outcome_unknown", "",
           "It was not known in time whether the events are committed; send them again, their ids see to it "
           "that they count once."},
          1};
}

}  // namespace lode::ingest
