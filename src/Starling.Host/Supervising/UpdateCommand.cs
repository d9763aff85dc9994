using System.CommandLine;
using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Control;

namespace Starling.Host.Supervising;

/// <summary><c>starling update</c>: a new version of the supervisor takes over from the one that runs.</summary>
internal static class UpdateCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var command = new Command("update", "Start the supervisor anew, after its program was replaced by another version; what it runs goes on.");
        command.Aliases.Add("updatePM2");
        command.SetAction((_, cancellationToken) => SupervisorCall.RunIfAnyAsync(
            async present =>
            {
                var supervisor = SupervisorCall.Require(present);
                var former = await supervisor.GetInfoAsync(cancellationToken);
                await UnlessItLeavesAsync(supervisor.UpdateAsync(cancellationToken));
                var next = await NextAsync(former.Pid, cancellationToken);
                Console.WriteLine($"The supervisor was started anew: version {next.Version}, process {next.Pid}.");
                if (SupervisorCall.OtherVersion(next) is not { } other)
                {
                    return 0;
                }

                await Console.Error.WriteLineAsync(
                    $"error: {other} It is started from where it was first, which is another place: 'starling save', 'starling kill' and 'starling resurrect' start it from here, with a gap.");
                return SupervisorCall.Failed;
            },
            cancellationToken,
            warns: false));
        return command;
    }

    private static async Task<SupervisorInfo> NextAsync(int former, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using (var client = await SupervisorClient.TryConnectAsync(new SupervisorFolder(), cancellationToken)
                ?? throw new SupervisorException("The supervisor has ended and was not started again; 'starling list' does so, and its log says why."))
            {
                var asked = client.Supervisor.GetInfoAsync(cancellationToken);
                if (await UnlessItLeavesAsync(asked) && (await asked).Pid != former)
                {
                    return await asked;
                }
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>The supervisor ends its connections when it leaves, which may be before it has answered.</summary>
    /// <returns>Whether it has answered.</returns>
    private static async Task<bool> UnlessItLeavesAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }
}
