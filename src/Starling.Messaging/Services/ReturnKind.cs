namespace Starling.Messaging.Services;

/// <summary>The form in which a method gives its result.</summary>
internal enum ReturnKind
{
    Void,
    Value,
    Task,
    TaskOfValue,
    ValueTask,
    ValueTaskOfValue,
    Sequence,
}
