// What reads are answered from: one generation, kept alive by who holds this.
#pragma once

#include <memory>

#include "materialize/generation.h"
#include "query/explain.h"
#include "query/gold_query.h"
#include "query/log_query.h"
#include "query/silver_query.h"

namespace lode::node {

struct Sources {
  Sources(std::shared_ptr<const materialize::Generation> of, const log::Log& the_log)
      : generation(std::move(of)),
        gold{generation->state(), generation->gold(), generation->tables().dictionary(), position(),
             generation->rules_hash()},
        silver{generation->state(), generation->tables(), position()},
        log{generation->state(), the_log, generation->index(), position()} {}
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  const std::shared_ptr<const materialize::Generation> generation;
  const query::GoldSource gold;
  const query::SilverSource silver;
  const query::LogSource log;
  const query::ExplainSource explain{gold, silver, log, generation->ruleset().zone};

 private:
  std::function<query::Position()> position() const {
    return [&materializer = generation->materializer()] {
      materialize::AppliedPosition at = materializer.position();
      return query::Position{at.offset, at.record_micros};
    };
  }
};

}  // namespace lode::node
