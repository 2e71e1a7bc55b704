// schedules/first_class.h -- one residue class of a gather whose reads depend on quotients and remainders.
//
// In dx[i] += zero(g)[(i+1)/2-a] * zero(w)[2*a+(i+1)%2] the remainder of i names one of two classes, each of which is a
// dense gather: with i = 2*u + class, g is read at u + (class+1)/2 - a, a window like any other, and w does not depend
// on u. A schedule is chosen for the definition of the first class, and its nest runs once a class.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/definition.h"

namespace heddle {

struct ClassSplit {
    Symbol variable;  ///< of the definition as it is
    Symbol quotient;  ///< the variable that stands for it within a class
    std::int64_t classes = 1;
};

struct FirstClass {
    std::shared_ptr<const Definition> definition;  ///< null where no variable has classes
    std::vector<ClassSplit> splits;
};

/// Free variables of constant extent that reads divide by one constant, as quotient and remainder.
FirstClass first_class(const Definition& definition);

}  // namespace heddle
