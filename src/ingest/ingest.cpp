#include "ingest/ingest.h"

#include <atomic>
#include <utility>

#include "ingest/admission.h"
#include "ingest/applier.h"
#include "ingest/committer.h"
#include "ingest/feed.h"

namespace lode::ingest {

struct Ingest::Impl {
  Impl(Settings chosen, log::Log& log, materialize::Current& into, const store::Hasher& key_hasher,
       const env::Clock& clock, std::string data_dir)
      : settings(chosen),
        current(into),
        hasher(key_hasher),
        admission(settings, clock, std::move(data_dir)),
        applier(into, admission),
        feed(log, record::GroupId{0}, key_hasher, in_flight, applier),
        committer(settings, clock, in_flight,
                  [this](const Committed& entry, raft::Proposed why) { refuse(entry, why); }) {}

  void refuse(const Committed& entry, raft::Proposed why);

  Settings settings;
  const materialize::Current& current;
  const store::Hasher& hasher;
  Admission admission;
  InFlight in_flight;
  Applier applier;
  Feed feed;
  Committer committer;
  raft::Replica* replica = nullptr;
  std::atomic<bool> open = false;
  std::atomic<uint64_t> rejected = 0, refused = 0;
};

namespace {

Refusal refusal_of(raft::Proposed why) {
  if (why == raft::Proposed::full) return Admission::queue_full();
  return {503, {"no_leader", "", "The cluster has no leader at the moment; send the request again."}, 1};
}

std::shared_ptr<Submission> submission_of(Request request, std::function<void(Answer)> done,
                                          const store::Hasher& hasher) {
  auto submission = std::make_shared<Submission>();
  submission->request = std::move(request);
  submission->done = std::move(done);
  const auto& events = submission->request.batch.events;
  submission->keys.reserve(events.size());
  submission->verdicts.reserve(events.size());
  for (const auto& event : events) {
    submission->keys.push_back(sequence::hash_key(hasher, event));
    submission->bytes += event.payload.size() + event.contact.size();
  }
  return submission;
}

}  // namespace

// On the commit thread: apply has not seen these submissions, nor will it.
void Ingest::Impl::refuse(const Committed& entry, raft::Proposed why) {
  for (const auto& submission : entry.submissions) {
    if (std::exchange(submission->answered, true)) continue;
    admission.release(submission->keys.size(), submission->bytes);
    ++refused;
    submission->done({refusal_of(why), {}});
  }
}

Ingest::Ingest(Settings settings, log::Log& log, materialize::Current& current, const store::Hasher& hasher,
               const env::Clock& clock, std::string data_dir)
    : impl_(std::make_unique<Impl>(settings, log, current, hasher, clock, std::move(data_dir))) {}

Ingest::~Ingest() { stop(); }

void Ingest::submit(Request request, std::function<void(Answer)> done) {
  impl_->rejected += request.batch.rejections.size();
  auto submission = submission_of(std::move(request), std::move(done), impl_->hasher);
  uint64_t events = submission->keys.size();
  if (events == 0) return submission->done({std::nullopt, result_of(*submission)});
  std::optional<Refusal> refusal;
  if (!impl_->open)
    refusal = Refusal{
        503, {"not_ready", "", "The server is replaying its log; send the request again in a moment."}, 1};
  else
    refusal = impl_->admission.reserve(events, submission->bytes);
  if (!refusal) {
    if (impl_->committer.push(submission)) return;
    impl_->admission.release(events, submission->bytes);
    refusal =
        Refusal{503, {"stopping", "", "The server is stopping; send the request again when it is back."}, 1};
  }
  ++impl_->refused;
  submission->done({std::move(refusal), {}});
}

raft::Listener& Ingest::listener() { return impl_->feed; }

void Ingest::open(raft::Replica& replica) {
  impl_->committer.start(replica, impl_->current.get()->materializer().position().record_micros);
  impl_->replica = &replica;
  impl_->open = true;
}

void Ingest::stop() {
  impl_->committer.stop();
  if (impl_->replica) impl_->replica->stop();
  impl_->applier.stop();
}

Statistics Ingest::statistics() const {
  Statistics out;
  out.accepted = impl_->applier.accepted();
  out.duplicates = impl_->applier.duplicates();
  out.rejected = impl_->rejected + impl_->applier.conflicts();
  out.quarantined = impl_->applier.quarantined();
  out.refused = impl_->refused;
  out.entries = impl_->committer.entries();
  out.commits = impl_->committer.commits();
  out.waiting_events = impl_->admission.events();
  out.oldest_unapplied_micros = impl_->applier.oldest_unapplied_micros();
  out.waiting_bytes = impl_->admission.bytes();
  return out;
}

}  // namespace lode::ingest
