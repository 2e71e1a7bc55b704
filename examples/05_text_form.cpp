// examples/05_text_form.cpp -- definitions and schedules as text: written, read, compared, stored
#include <heddle/heddle.h>

#include <cstdio>

#include "examples/compare.h"

using namespace heddle;

int main() {
    // What the definitions would be in C++, with the shapes that they need. `r < 3` states what no shape tells.
    const Pipeline sharpen = parse_pipeline(R"(
        image: f32[3,120,160]
        weight: f32[3,3]
        blurred: f32[3,120,160]
        blurred[c,i,j] += reflect(image)[c,i+r-1,j+s-1] * weight[r,s]
        sharp[c,i,j] = clamp(2.0 * image[c,i,j] - blurred[c,i,j], 0.0, 1.0)  # image plus what the blur took away
    )");

    // Printing gives back a text of the same meaning, with every inferred shape.
    const std::string text = print(sharpen);
    std::printf("%s\n", text.c_str());
    bool fine = print(parse_pipeline(text)) == text;

    // The key of caches and tuning records does not depend on names.
    const Pipeline renamed = parse_pipeline("a: f32[10]\nb[i] = a[i] * 2.0");
    fine &= canonical_text(renamed) == canonical_text(parse_pipeline("x: f32[10]\ny[n] = x[n] * 2.0"));
    std::printf("%s\n", canonical_text(renamed).c_str());

    // A schedule is a line of text, too; as C++ it can be pasted into a program.
    const Schedule plan = parse_schedule(
        "sharp: split(j, 16) parallel(i) vectorize(j.i); blurred: split(j, 16) reorder(c, i, j.o, r, s, j.i) "
        "parallel(c) vectorize(j.i) accumulate_in(registers, j.o)");
    fine &= parse_schedule(print(plan)) == plan;
    std::printf("%s\n\n%s\n\n", print(plan).c_str(), print_cpp(plan).c_str());

    CompileOptions options;
    options.schedule = plan;
    Buffer image(f32, {3, 120, 160}), weight(f32, {3, 3}), sharp(f32, {3, 120, 160});
    image.fill_random(1);
    weight.fill(1.0 / 9);
    compile(sharpen, Target::best(), options)({{"image", image}, {"weight", weight}, {"sharp", sharp}});
    fine &= largest_difference(sharp, evaluate(sharpen, {{"image", image}, {"weight", weight}}).at("sharp")) < 1e-5;

    // A mistake is shown at its place.
    try {
        parse_pipeline("x: f32[10]\ny[n] = x[n] + x[n+1");
        fine = false;
    } catch (const UserError& error) {
        std::printf("%s\n", error.message().c_str());
    }
    return fine ? 0 : 1;
}
