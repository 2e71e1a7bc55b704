// dsl/simplify_rules.cpp -- the rewrite rules of the simplifier.
#include "dsl/simplify_rules.h"

namespace heddle {
namespace {

Expr wildcard(const char* name) { return Expr(Symbol(name, SymbolKind::free)); }
Expr flag(const char* name) { return Expr(std::make_shared<const Cast>(boolean, wildcard(name))); }
const Expr always;

std::vector<Rule> make_rules() {
    const Expr x = wildcard("x"), y = wildcard("y"), z = wildcard("z");
    const Expr c0 = wildcard("c0"), c1 = wildcard("c1"), c2 = wildcard("c2");
    const Expr a = flag("a"), b = flag("b"), d = flag("d");
    using enum RuleTypes;
    // clang-format off
    return {
        // pattern                        replacement                     where                             wildcards
        {x * 1,                           x,                              always,                           any},
        {x / 1,                           x,                              always,                           any},
        {-(-x),                           x,                              always,                           any},
        {x + 0,                           x,                              always,                           integers},
        {x - 0,                           x,                              always,                           integers},
        {0 - x,                           -x,                             always,                           integers},
        {x - x,                           0,                              always,                           integers},
        {x * 0,                           0,                              always,                           integers},

        {0 / x,                           0,                              always,                           integers},
        {0 % x,                           0,                              always,                           integers},
        {x % 1,                           0,                              always,                           integers},
        {x / y,                           0,                              0 <= x && x < y,                  integers},
        {x % y,                           x,                              0 <= x && x < y,                  integers},
        {(x * z + y) / z,                 x + y / z,                      not_equals(z, 0),                 indices},
        {(x * z + y) % z,                 y % z,                          always,                           indices},
        {(x / c0) / c1,                   x / (c0 * c1),                  0 < c0 && 0 < c1,                 indices},
        {(x / c0 + c2) / c1,              (x + c0 * c2) / (c0 * c1),      0 < c0 && 0 < c1,                 indices},
        {((x % c0) * c2 + y) % c1,        (x * c2 + y) % c1,              equals(c0 * c2 % c1, 0) && 0 < c0, indices},
        {(x % c0 + y) % c1,               (x + y) % c1,                   equals(c0 % c1, 0) && 0 < c0,     indices},
        {(x % c0) / c1,                   (x / c1) % (c0 / c1),           equals(c0 % c1, 0) && 0 < c1 && 0 < c0, indices},

        {min(x, x),                       x,                              always,                           any},
        {max(x, x),                       x,                              always,                           any},
        {min(x, y),                       x,                              x <= y,                           integers},
        {min(x, y),                       y,                              y <= x,                           integers},
        {max(x, y),                       x,                              y <= x,                           integers},
        {max(x, y),                       y,                              x <= y,                           integers},
        {min(min(x, c0), c1),             min(x, min(c0, c1)),            always,                           integers},
        {max(max(x, c0), c1),             max(x, max(c0, c1)),            always,                           integers},
        {max(min(x, c0), c1),             min(max(x, c1), c0),            c1 <= c0,                         integers},
        {min(min(x, y), y),               min(x, y),                      always,                           integers},
        {max(max(x, y), y),               max(x, y),                      always,                           integers},
        {min(max(x, y), y),               y,                              always,                           integers},
        {max(min(x, y), y),               y,                              always,                           integers},

        {x / c0 < c1,                     x < c0 * c1,                    0 < c0,                           indices},
        {c1 <= x / c0,                    c0 * c1 <= x,                   0 < c0,                           indices},
        {equals(x, x),                    true,                           always,                           integers},
        {not_equals(x, x),                false,                          always,                           integers},
        {x < x,                           false,                          always,                           any},
        {x <= x,                          true,                           always,                           integers},
        {not_equals(cast(i32, b), 0),     b,                              always,                           any},
        {equals(cast(i32, b), 0),         !b,                             always,                           any},

        {!(!b),                           b,                              always,                           any},
        {!(x < y),                        y <= x,                         always,                           integers},
        {!(x <= y),                       y < x,                          always,                           integers},
        {!equals(x, y),                   not_equals(x, y),               always,                           any},
        {!not_equals(x, y),               equals(x, y),                   always,                           any},
        {b && b,                          b,                              always,                           any},
        {b || b,                          b,                              always,                           any},
        {b && !b,                         false,                          always,                           any},
        {!b && b,                         false,                          always,                           any},
        {b || !b,                         true,                           always,                           any},
        {!b || b,                         true,                           always,                           any},

        {select(b, x, x),                 x,                              always,                           any},
        {select(!b, x, y),                select(b, y, x),                always,                           any},
        {select(b, a, a),                 a,                              always,                           any},
        {select(!b, a, d),                select(b, d, a),                always,                           any},
    };
    // clang-format on
}

}  // namespace

const std::vector<Rule>& simplify_rules() {
    static const std::vector<Rule> rules = make_rules();
    return rules;
}

}  // namespace heddle
