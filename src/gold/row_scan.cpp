#include "gold/row_scan.h"

#include "gold/gold_impl.h"
#include "gold/row_codec.h"

namespace lode::gold {
namespace {

// Rows to walk over before a seek is cheaper.
constexpr int kStepsBeforeSeek = 16;

std::string after_view(const Plan& plan) {
  std::string end = encode_key(plan, {}, 0);
  return end + std::string(4 * plan.keys, '\xff') + '\xff';
}

}  // namespace

RowScan::RowScan(const Plan& plan, const KeyFilters& filters, const Key& from, std::optional<Key> horizon,
                 std::vector<Delta> newer, std::vector<Delta> older, const store::Snapshot& snapshot)
    : plan_(plan), filters_(filters), horizon_(horizon), newer_(std::move(newer)), older_(std::move(older)) {
  if (std::optional<Key> exact = filters.exact()) {
    if (snapshot.get(kRowFamily, encode_key(plan, *exact, plan.keys), disk_value_)) disk_key_ = exact;
    return;
  }
  std::optional<Key> first = filters.next(from);
  if (!first) return;
  disk_ = snapshot.iterate(kRowFamily, encode_key(plan, *first, plan.keys), after_view(plan));
  find_disk_row();
}

void RowScan::find_disk_row() {
  disk_key_.reset();
  for (int steps = 0; disk_->valid(); ++steps) {
    Key key = decode_key(plan_, disk_->key());
    if (horizon_ && key > *horizon_) return;
    std::optional<Key> match = filters_.next(key);
    if (!match) return;
    if (*match == key) {
      disk_key_ = key;
      return;
    }
    if (steps % kStepsBeforeSeek == kStepsBeforeSeek - 1) {
      disk_->seek(encode_key(plan_, *match, plan_.keys));
    } else {
      disk_->next();
    }
  }
}

bool RowScan::next(Key& key, Total& total) {
  for (;;) {
    std::optional<Key> least = disk_key_;
    if (newer_at_ < newer_.size() && (!least || newer_[newer_at_].key < *least))
      least = newer_[newer_at_].key;
    if (older_at_ < older_.size() && (!least || older_[older_at_].key < *least))
      least = older_[older_at_].key;
    if (!least) return false;
    key = *least;
    total = Total(plan_.cells);
    if (disk_key_ == key) {
      total.add_packed(disk_ ? disk_->value() : std::string_view(disk_value_));
      if (disk_) {
        disk_->next();
        find_disk_row();
      } else {
        disk_key_.reset();
      }
    }
    for (auto* deltas : {&older_, &newer_}) {
      size_t& at = deltas == &older_ ? older_at_ : newer_at_;
      if (at < deltas->size() && (*deltas)[at].key == key) {
        total.add((*deltas)[at].cells, (*deltas)[at].members);
        ++at;
      }
    }
    total.settle();
    if (!total.zero()) return true;
  }
}

}  // namespace lode::gold
