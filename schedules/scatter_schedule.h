// schedules/scatter_schedule.h -- untuned schedules of updates at computed indices, by how their points meet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle {

enum class ScatterForm : std::uint8_t {
    serial,  ///< one after the other, wherever two could meet
    atomic,  ///< at once, added by atomics: floats differ from run to run
    sorted   ///< sorted by element, each element's in order: the same bits in every run
};
std::string_view name_of(ScatterForm form);

/// Updates of which several points may meet in an element, so that they are no gather.
bool is_scatter(const Definition& definition);
/// Names of the stages that are scatters.
std::vector<std::string> scatters_of(const Pipeline& pipeline);

/// Appends directives to the stage; false where it is no scatter or the form is not legal for it.
bool scatter_stage(const Pipeline& pipeline, const PipelineStage& stage, const Target& target, ScatterForm form,
                   Schedule& schedule);
/// The default schedule with all scatters in this form. Throws UserError where one of them cannot be.
Schedule scatter_schedule(const Pipeline& pipeline, const Target& target, ScatterForm form);
/// True where a host does better to sort: many points, and no other loop that threads could share.
bool sorts_on_host(const Definition& definition, const Target& target);

}  // namespace heddle
