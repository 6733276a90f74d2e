// A shop that keeps its books in its own process: sells, follows the log, and asks for the day's sales.
#include <lode/engine.h>

#include <future>
#include <iostream>

int main(int argc, char** argv) {
  lode::Engine shop =
      lode::Engine::open(argc > 1 ? argv[1] : "shop-data", {{{"gold.time_zone", "Europe/Berlin"}}});

  lode::Purchase order{{"e-1", "shop"}, lode::Time(std::chrono::seconds(1'740'819'600)), "A-1", "EUR"};
  order.lines = {{"MUG-1", 4, lode::Money{7'500'000}, lode::Money{3'000'000}}};
  order.customer = {"C7", "", "Germany"};
  lode::AppendResult sold = shop.append(order);
  std::cout << "accepted " << sold.accepted << ", again: duplicates " << shop.append(order).duplicates
            << "\n";

  lode::AppendResult back = shop.append(R"({"event_id":"e-2","type":"refund","source":"shop","order_id":"A-1",
      "occurred_at":"2025-03-03T09:00:00Z","lines":[{"sku":"MUG-1","quantity":1}]})");
  for (const lode::Verdict& verdict : back.verdicts)
    std::cout << verdict.code << ": " << verdict.detail << "\n";

  std::promise<void> both;
  lode::Subscription follower = shop.subscribe(0, [&](const lode::Record& record) {
    std::cout << record.offset << " " << record.event.substr(0, 17) << "\n";
    if (record.offset == 1) both.set_value();
  });
  both.get_future().wait();

  lode::Rows sales = shop.query("daily_sales", {{"country", "DE"}});
  for (std::size_t row = 0; row < sales.rows.size(); ++row)
    std::cout << std::get<std::string>(sales.at(row, "day")) << " "
              << std::get<lode::Decimal>(sales.at(row, "net_sales")).text << " EUR\n";
  shop.close();
}
