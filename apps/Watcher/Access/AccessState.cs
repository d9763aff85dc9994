namespace Starling.Apps.Watcher.Access;

/// <summary>What is kept of the admin's access: never the password itself, nor what the browser has as its cookie.</summary>
internal sealed record AccessState
{
    public required byte[] Salt { get; init; }

    public required byte[] PasswordHash { get; init; }

    public required int Iterations { get; init; }

    public IReadOnlyList<AccessSession> Sessions { get; init; } = [];
}
