#include "generate/catalogue.h"

#include <array>

#include "generate/random.h"

namespace lode::generate {
namespace {

struct Category {
  std::string_view name;
  std::array<std::string_view, 6> nouns;
  int32_t low_cents, high_cents;
};

constexpr std::array<Category, 6> kCategories = {{
    {"home",
     {"LANTERN", "CUSHION COVER", "PICTURE FRAME", "DOORMAT", "WALL CLOCK", "CANDLE HOLDER"},
     250,
     3900},
    {"kitchen", {"MUG", "CAKE STAND", "TEA TOWEL", "STORAGE JAR", "CHOPPING BOARD", "LUNCH BOX"}, 150, 2900},
    {"garden",
     {"PLANT POT", "WATERING CAN", "BIRD FEEDER", "SEED TRAY", "GLOVES", "STRING LIGHTS"},
     95,
     3400},
    {"toys",
     {"WOODEN TRAIN", "BUILDING BRICKS", "PUZZLE", "SOFT BEAR", "SKIPPING ROPE", "PAINT SET"},
     199,
     4900},
    {"stationery", {"NOTEBOOK", "GIFT WRAP", "CARD SET", "PENCIL CASE", "DESK TIDY", "STAMP SET"}, 42, 1500},
    {"textiles", {"BLANKET", "TABLE RUNNER", "APRON", "BATH TOWEL", "SCARF", "TOTE BAG"}, 450, 5900},
}};
constexpr std::array<std::string_view, 12> kAdjectives = {"RED",   "WHITE",   "VINTAGE", "STRIPED",
                                                          "SMALL", "LARGE",   "BLUE",    "SPOTTY",
                                                          "OAK",   "CERAMIC", "FOLDING", "LINEN"};
constexpr std::array<std::string_view, 12> kStyles = {"HEART",    "STAR",    "RETRO", "FLORAL",
                                                      "NORDIC",   "CLASSIC", "OWL",   "PARIS",
                                                      "ALPHABET", "DAISY",   "ROSE",  "FOREST"};
constexpr std::array<std::string_view, 10> kGiven = {"Alex", "Maria", "Sam",   "Ingrid", "Jean",
                                                     "Lena", "Marco", "Chloe", "Pedro",  "Anna"};
constexpr std::array<std::string_view, 10> kFamily = {"Example", "Sample",   "Muster", "Exemple", "Ejemplo",
                                                      "Esempio", "Specimen", "Demo",   "Testa",   "Proba"};

template <size_t N>
std::string_view pick(const std::array<std::string_view, N>& from, Random& random) {
  return from[random.below(static_cast<uint32_t>(N))];
}

}  // namespace

Product product(uint64_t seed, uint32_t number) {
  Random random(seed ^ 0x70726f64, number);
  const Category& category = kCategories[random.below(kCategories.size())];
  Product out;
  out.sku = std::to_string(10'000 + number);
  if (random.one_in(3)) out.sku += static_cast<char>('A' + random.below(6));
  out.description = pick(kAdjectives, random);
  out.description += ' ';
  out.description += pick(kStyles, random);
  out.description += ' ';
  out.description += pick(category.nouns, random);
  out.category = category.name;
  out.price_cents = random.between(category.low_cents, category.high_cents);
  return out;
}

Buyer buyer(uint64_t seed, uint32_t number) {
  Random random(seed ^ 0x62757965, number);
  Buyer out;
  out.id = "C" + std::to_string(100'000 + number);
  out.country = &country_at(random.below(100));
  out.wholesale = random.one_in(12);
  out.has_contact = random.one_in(3);
  std::string_view given = pick(kGiven, random), family = pick(kFamily, random);
  out.name = std::string(given) + " " + std::string(family);
  out.email = "c" + std::to_string(100'000 + number) + "@example.com";
  return out;
}

}  // namespace lode::generate
