#include "query/silver_page.h"

#include <mutex>
#include <shared_mutex>

#include "query/page.h"

namespace lode::query {

SilverPage::SilverPage(const SilverSource& source, const TableShape& shape, const SilverRequest& request)
    : source_(source), request_(request), last_(request.after) {
  result_.columns = shape.columns;
  result_.view = shape.name;
  result_.view_version = kTableVersion;
}

void SilverPage::read(const std::function<void(const std::string&, const silver::Tables&)>& scan) {
  bool first = true;
  do {
    std::shared_lock lock(source_.state.mutex());
    // What is read later is newer: the page stands at least where its beginning stood.
    if (first) result_.position = source_.position();
    first = false;
    stopped_ = false;
    looked_in_lock_ = 0;
    bytes_in_lock_ = 0;
    scan(std::string(last_), source_.tables);
  } while (stopped_ && !full_ && looked_ < kMaxLooked);
  result_.last_change = result_.position.last_change();
  if (stopped_) result_.next_cursor = encode_cursor(request_.hash, full_ ? last_returned_ : last_);
}

bool SilverPage::offer(std::string key, std::vector<Value> row) {
  if (!request_.keeps(row)) return skip(std::move(key));
  if (result_.rows.size() == request_.limit) {
    full_ = stopped_ = true;
    return false;
  }
  result_.rows.push_back(std::move(row));
  last_returned_ = key;
  return skip(std::move(key));
}

bool SilverPage::skip(std::string key) {
  last_ = std::move(key);
  ++looked_;
  stopped_ = ++looked_in_lock_ >= kRowsPerLock || bytes_in_lock_ >= kBytesPerLock;
  return !stopped_;
}

}  // namespace lode::query
