#include "ingest/ingest.h"

#include <atomic>
#include <stdexcept>
#include <utility>

#include "ingest/admission.h"
#include "ingest/applier.h"
#include "ingest/barriers.h"
#include "ingest/committer.h"
#include "ingest/feed.h"
#include "ingest/refusals.h"
#include "record/header.h"

namespace lode::ingest {

struct Ingest::Impl {
  Impl(Settings chosen, log::Log& log, materialize::Current& into, const store::Hasher& key_hasher,
       const env::Clock& clock, std::string data_dir)
      : settings(chosen),
        current(into),
        hasher(key_hasher),
        admission(settings.bounds, clock, std::move(data_dir)),
        barriers([this] { committer.look(); }),
        applier(into, admission),
        proposer(settings, clock, admission, [this] { committer.look(); }),
        committer(settings, clock, proposer, barriers),
        feed(log, record::GroupId{0}, key_hasher, proposer, committer, applier) {}

  std::optional<Refusal> admit(const Submission& submission);

  Settings settings;
  const materialize::Current& current;
  const store::Hasher& hasher;
  Admission admission;
  Barriers barriers;
  Applier applier;
  Proposer proposer;
  Committer committer;
  Feed feed;
  raft::Replica* replica = nullptr;
  std::atomic<bool> open = false, stopping = false;
  std::atomic<uint64_t> rejected = 0, refused = 0;
};

namespace {

std::shared_ptr<Submission> submission_of(Request request, std::function<void(Answer)> done,
                                          const store::Hasher& hasher) {
  auto submission = std::make_shared<Submission>();
  submission->request = std::move(request);
  submission->done = std::move(done);
  const auto& events = submission->request.batch.events;
  submission->keys.reserve(events.size());
  submission->verdicts.resize(events.size());
  for (const auto& event : events) {
    submission->keys.push_back(sequence::hash_key(hasher, event));
    submission->bytes += event.payload.size() + event.contact.size();
  }
  return submission;
}

bool is_batch(const std::string& payload) {
  try {
    record::read_header(payload);
    return true;
  } catch (const record::Corruption&) {
    return false;
  }
}

}  // namespace

// Reserves room, or says why not.
std::optional<Refusal> Ingest::Impl::admit(const Submission& submission) {
  if (stopping) return ingest::stopping();
  if (!open) return not_ready();
  if (proposer.is_leaderless()) return no_leader();
  return admission.reserve(size_of(submission), submission.bytes);
}

Ingest::Ingest(Settings settings, log::Log& log, materialize::Current& current, const store::Hasher& hasher,
               const env::Clock& clock, std::string data_dir)
    : impl_(std::make_unique<Impl>(settings, log, current, hasher, clock, std::move(data_dir))) {}

Ingest::~Ingest() { stop(); }

void Ingest::submit(Request request, std::function<void(Answer)> done) {
  impl_->rejected += request.batch.rejections.size();
  auto submission = submission_of(std::move(request), std::move(done), impl_->hasher);
  if (size_of(*submission) == 0) return submission->done({std::nullopt, result_of(*submission)});
  std::optional<Refusal> refusal = impl_->admit(*submission);
  if (!refusal) {
    if (impl_->committer.push(submission)) return;
    impl_->admission.release(size_of(*submission), submission->bytes);
    refusal = stopping();
  }
  ++impl_->refused;
  submission->done({std::move(refusal), {}});
}

void Ingest::barrier(std::function<void(std::optional<Refusal>, int64_t offset)> done) {
  if (impl_->stopping || !impl_->open || !impl_->proposer.leads()) return done(no_leader(), -1);
  impl_->barriers.add(std::move(done));
}

raft::Proposed Ingest::propose_foreign(const std::vector<std::shared_ptr<const std::string>>& payloads) {
  if (impl_->stopping || !impl_->open) return raft::Proposed::not_leader;
  if (impl_->admission.is_disk_full()) return raft::Proposed::full;
  std::vector<raft::Proposal> proposals;
  for (const auto& payload : payloads) {
    if (!is_batch(*payload)) return raft::Proposed::not_leader;
    proposals.push_back({*payload, payload});
  }
  try {
    return impl_->replica->propose(proposals);
  } catch (const std::length_error&) {
    return raft::Proposed::not_leader;
  }
}

raft::Listener& Ingest::listener() { return impl_->feed; }

void Ingest::open(raft::Replica& replica, Forwarder* forwarder) {
  impl_->replica = &replica;
  impl_->proposer.open(replica, forwarder);
  impl_->committer.set_alone(replica.status().configuration.servers.size() <= 1);
  impl_->committer.start(impl_->current.get()->materializer().position().record_micros);
  impl_->open = true;
}

void Ingest::set_origin(uint64_t node) { impl_->committer.set_origin(node); }

void Ingest::set_bounds(const Bounds& bounds) { impl_->admission.set_bounds(bounds); }

void Ingest::stop() {
  if (impl_->stopping.exchange(true)) return;  // the replica may be gone since
  impl_->proposer.hurry();
  impl_->committer.stop();
  impl_->proposer.stop();
  impl_->barriers.refuse_waiting(no_leader());
  if (impl_->replica) impl_->replica->stop();
  impl_->applier.stop();
}

Statistics Ingest::statistics() const {
  Statistics out;
  out.accepted = impl_->applier.accepted();
  out.duplicates = impl_->applier.duplicates();
  out.rejected = impl_->rejected + impl_->applier.conflicts();
  out.quarantined = impl_->applier.quarantined();
  out.refused = impl_->refused + impl_->proposer.refused();
  out.entries = impl_->proposer.entries();
  out.commits = impl_->proposer.commits();
  out.waiting_events = impl_->admission.events();
  out.oldest_unapplied_micros = impl_->applier.oldest_unapplied_micros();
  out.waiting_bytes = impl_->admission.bytes();
  return out;
}

}  // namespace lode::ingest
