using System.Text.Json.Serialization;

namespace Starling.Supervisor.Keeping;

/// <summary>What a keeper and its daemon say to each other; descriptors go with it where there is one.</summary>
/// <param name="Kind">What is said.</param>
/// <param name="Name">Name of a descriptor.</param>
/// <param name="Request">Number of a request, which the answer repeats.</param>
/// <param name="Pid">Id of a process that ended.</param>
/// <param name="Code">Its exit code.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="Start">When the process that ended had started.</param>
internal sealed record KeeperMessage(KeeperMessageKind Kind, string? Name = null, long Request = 0, int Pid = 0, int? Code = null, int? Signal = null, long Start = 0);

/// <summary>Kinds of <see cref="KeeperMessage"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeeperMessageKind>))]
internal enum KeeperMessageKind
{
    /// <summary>To the keeper: keep the descriptor that comes with this.</summary>
    Store,

    /// <summary>To the keeper: close the descriptor.</summary>
    Remove,

    /// <summary>To the keeper: tell all that is kept, and how orphans ended.</summary>
    Recall,

    /// <summary>To the keeper: answer, once all that came before has been done.</summary>
    Confirm,

    /// <summary>To the keeper: the daemon is about to end and is not to be started again.</summary>
    Farewell,

    /// <summary>To the daemon: this is kept; the descriptor comes with it.</summary>
    Kept,

    /// <summary>To the daemon: an orphan ended.</summary>
    Ended,

    /// <summary>To the daemon: stop everything and end.</summary>
    Stop,

    /// <summary>To the daemon: the request has been done.</summary>
    Done,

    /// <summary>In both directions: the state, which could not be written to its file, as <see cref="KeeperMessage.Name"/>; null when it could.</summary>
    Note,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(KeeperMessage))]
internal sealed partial class KeeperJson : JsonSerializerContext;
