#pragma once
// Every CAF message and actor interface of the ledger in one catalogue: handles to the mails of mails.hpp (shared_ptr
// because CAF copies handles).
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/mails.hpp"

namespace payloom::actors {

/// "Work on what was collected": one in flight per actor at most.
struct flush_mark {};

}  // namespace payloom::actors

CAF_BEGIN_TYPE_ID_BLOCK(payloom, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(payloom, (payloom::actors::order_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::account_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::writer_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::reader_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::channel_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::check_mail_ptr))
CAF_ADD_TYPE_ID(payloom, (payloom::actors::flush_mark))
CAF_END_TYPE_ID_BLOCK(payloom)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::order_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::account_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::writer_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::reader_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::channel_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::check_mail_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(payloom::actors::flush_mark)

namespace payloom::actors {

using order_shard_actor = caf::typed_actor<caf::reacts_to<order_mail_ptr>, caf::reacts_to<flush_mark>>;
using account_shard_actor = caf::typed_actor<caf::reacts_to<account_mail_ptr>, caf::reacts_to<flush_mark>>;
using journal_writer_actor = caf::typed_actor<caf::reacts_to<writer_mail_ptr>, caf::reacts_to<flush_mark>>;
using reader_actor = caf::typed_actor<caf::reacts_to<reader_mail_ptr>>;
using channel_actor = caf::typed_actor<caf::reacts_to<channel_mail_ptr>>;
using check_actor = caf::typed_actor<caf::reacts_to<check_mail_ptr>>;

}  // namespace payloom::actors
