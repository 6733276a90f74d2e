#include "snapshot/fetch.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "peer/fields.h"
#include "snapshot/inbox.h"
#include "snapshot/incoming.h"
#include "store/bytes.h"
#include "store/rocksdb_disk.h"

namespace lode::snapshot {

namespace {

// Pieces in a row that come damaged: not the wire any more.
constexpr uint32_t kMaxDamaged = 8;
// Nodes in a row that have a state of another ruleset: the whole cluster has, by now.
constexpr uint32_t kMaxForeign = 5;

std::string name_of(raft::NodeId node) { return "node " + std::to_string(node.value); }

std::string why_of(raft::NodeId node, const peer::Answer& answer) {
  std::string text = name_of(node) + ": " + (answer.code.empty() ? "no answer" : answer.code);
  if (!answer.detail.empty()) text += ", " + answer.detail;
  return text;
}

}  // namespace

struct Fetch::Impl {
  Impl(FetchSettings chosen, Call how, Wanted which, ChooseNode whom)
      : settings(std::move(chosen)),
        call(std::move(how)),
        wanted(which),
        choose(std::move(whom)),
        window(settings.window) {}

  const FetchSettings settings;
  const Call call;
  const Wanted wanted;
  const ChooseNode choose;
  const std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();

  // The thread of run().
  std::optional<Incoming> incoming;
  uint64_t calls = 0;
  uint32_t window;
  uint32_t foreign = 0;  // tries in a row that found another ruleset
  std::optional<raft::NodeId> asked;

  mutable std::mutex mutex;
  FetchProgress progress;  // guarded by mutex

  template <typename Change>
  void tell(const Change& change) {
    std::lock_guard lock(mutex);
    change(progress);
  }
  void tell_doing(std::string doing) {
    tell([&](FetchProgress& now) { now.doing = std::move(doing); });
  }

  uint64_t send(raft::NodeId to, const Request& request) {
    const uint64_t number = ++calls;
    call(to, peer::Bytes(encode(request)), settings.call_timeout,
         [to_whom = inbox, number](peer::Answer answer) {
           to_whom->put({number, std::move(answer)});
         });
    return number;
  }

  // The answer to this call alone; nothing: cancelled.
  std::optional<peer::Answer> await(uint64_t number) {
    while (auto arrival = inbox->take())
      if (arrival->call == number) return std::move(arrival->answer);
    return std::nullopt;
  }

  // What an earlier process had fetched, before it could be used.
  std::optional<Fetched> fetched_before() {
    if (!incoming->has_state()) return std::nullopt;
    const std::filesystem::path folder = incoming->state_folder();
    try {
      const store::Checkpoint found = store::RocksDbDisk::read_checkpoint(folder);
      if (found.entry_index > 0 && wanted.fits(found)) return Fetched{folder, found};
    } catch (const store::Damaged&) {
    }
    incoming->drop_state();
    return std::nullopt;
  }

  // Asks until the manifest comes. Otherwise says why not; "" when cancelled.
  std::string open(raft::NodeId node, Manifest& manifest) {
    while (true) {
      tell_doing("asking " + name_of(node));
      const auto answer = await(send(node, Open{wanted}));
      if (!answer) return {};
      foreign = answer->code == "other_ruleset" ? foreign + 1 : 0;
      if (answer->outcome != peer::Outcome::ok) return why_of(node, *answer);
      Opened opened = decode_opened(answer->body.view);
      if (auto* ready = std::get_if<Manifest>(&opened)) {
        manifest = std::move(*ready);
        break;
      }
      const auto& preparing = std::get<Preparing>(opened);
      const double part = preparing.of_bytes == 0 ? 0
                                                  : static_cast<double>(preparing.done_bytes) /
                                                        static_cast<double>(preparing.of_bytes);
      tell_doing("waiting for " + name_of(node) + " to prepare (" +
                 std::to_string(static_cast<int>(part * 100)) + " %)");
      if (!inbox->pause(settings.first_pause)) return {};
    }
    if (manifest.format != kStateFormat)
      return name_of(node) + " sends a state of format " + std::to_string(manifest.format) +
             ", and this program reads " + std::to_string(kStateFormat);
    if (!wanted.fits(manifest.checkpoint) || manifest.checkpoint.entry_index == 0)
      return name_of(node) + " offers another state than it was asked for";
    return {};
  }

  std::string no_room() const {
    const uint64_t free = free_bytes(settings.folder), needed = incoming->missing_bytes();
    if (free >= needed && free - needed >= settings.reserved_disk_bytes) return {};
    return "the disk has no room for the state: " + std::to_string(needed) + " bytes are missing, " +
           std::to_string(free) + " are free, of which " + std::to_string(settings.reserved_disk_bytes) +
           " are the reserve";
  }

  void tell_bytes() {
    tell([&](FetchProgress& now) {
      now.done_bytes = incoming->done_bytes();
      now.of_bytes = incoming->of_bytes();
    });
  }

  // One after another until nothing is missing. Otherwise says why not; "" when cancelled, too.
  std::string transfer(raft::NodeId node, const Manifest& manifest) {
    std::map<uint64_t, Piece> in_flight;
    uint32_t damaged = 0, good = 0;
    tell_doing("fetching from " + name_of(node));
    while (incoming->missing_bytes() > 0) {
      while (in_flight.size() < window) {
        const auto piece = incoming->take();
        if (!piece) break;
        in_flight.emplace(send(node, Read{manifest.id, piece->file, piece->length, piece->offset}), *piece);
      }
      auto arrival = inbox->take();
      if (!arrival) return {};
      const auto found = in_flight.find(arrival->call);
      if (found == in_flight.end()) continue;  // of an earlier try
      const Piece piece = found->second;
      in_flight.erase(found);
      if (arrival->answer.outcome == peer::Outcome::timed_out) window = std::max(1u, window / 2);
      if (arrival->answer.outcome != peer::Outcome::ok) return why_of(node, arrival->answer);
      const auto bytes = open_piece(arrival->answer.body.view, piece.length);
      if (!bytes) {
        incoming->give_back(piece);
        if (++damaged >= kMaxDamaged) return "what comes from " + name_of(node) + " is damaged";
        continue;
      }
      damaged = 0;
      if (++good % 64 == 0) window = std::min(window + 1, settings.window);
      if (!incoming->write(piece, *bytes))
        return name_of(node) + " sends another file " + manifest.files[piece.file].name +
               " than its manifest says";
      tell_bytes();
    }
    return {};
  }

  // Says why the state is not there yet; "" when it is, or when cancelled.
  std::string try_once() {
    const auto node = choose(std::exchange(asked, std::nullopt));
    if (!node) return "no node is there to ask for its state";
    asked = node;
    tell([&](FetchProgress& now) { now.from = *node; });
    Manifest manifest;
    if (auto why = open(*node, manifest); !why.empty() || inbox->closed()) return why;
    tell([&](FetchProgress& now) { now.checkpoint = manifest.checkpoint; });
    incoming->begin(manifest);
    tell_bytes();
    if (auto why = no_room(); !why.empty()) return why;
    if (auto why = transfer(*node, manifest); !why.empty() || inbox->closed()) return why;
    incoming->assemble();
    send(*node, Close{manifest.id});
    if (store::RocksDbDisk::read_checkpoint(incoming->state_folder()) == manifest.checkpoint) return {};
    incoming->drop_state();
    return name_of(*node) + " sends a state that is not at the entry it said";
  }

  std::string try_safely() {
    try {
      return try_once();
    } catch (const peer::BadFrame& error) {
      return std::string("an answer can't be read: ") + error.what();
    } catch (const store::Damaged& error) {
      incoming->drop_state();
      return std::string("what was fetched is no state: ") + error.what();
    } catch (const std::system_error& error) {
      incoming->drop_parts();
      return error.what();
    }
  }
};

Fetch::Fetch(FetchSettings settings, Call call, Wanted wanted, ChooseNode choose)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(call), wanted, std::move(choose))) {}

Fetch::~Fetch() { cancel(); }

std::optional<Fetched> Fetch::run() {
  Impl& impl = *impl_;
  impl.incoming.emplace(impl.settings.folder, impl.settings.piece_bytes);
  if (auto fetched = impl.fetched_before()) return fetched;
  impl.tell_doing("checking what was fetched before");
  impl.incoming->check_files([&] { return !impl.inbox->closed(); });
  for (auto pause = impl.settings.first_pause; !impl.inbox->closed();) {
    const uint64_t before = impl.incoming->done_bytes();
    const std::string why = impl.try_safely();
    if (impl.inbox->closed()) break;
    impl.tell([&](FetchProgress& now) { now.trouble = why; });
    if (why.empty()) return Fetched{impl.incoming->state_folder(), impl.progress.checkpoint};
    if (impl.foreign >= kMaxForeign) break;
    if (impl.incoming->done_bytes() > before) pause = impl.settings.first_pause;
    impl.tell_doing("waiting to try again");
    impl.inbox->pause(pause);
    pause = std::min(2 * pause, impl.settings.longest_pause);
  }
  return std::nullopt;
}

void Fetch::cancel() { impl_->inbox->close(); }

FetchProgress Fetch::progress() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->progress;
}

}  // namespace lode::snapshot
