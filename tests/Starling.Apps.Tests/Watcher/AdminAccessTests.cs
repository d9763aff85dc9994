using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Watcher.Access;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Watcher;

public sealed class AdminAccessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-").FullName;
    private readonly ManualTime _time = new();

    private string File => Path.Combine(_folder, "watcher.json");

    [Fact]
    public void A_password_is_made_up_once_and_never_kept()
    {
        var (access, generated) = Open(null);
        Assert.True(generated!.Length >= 16);
        Assert.True(access.IsPassword(generated));
        Assert.False(access.IsPassword(generated + "x"));
        Assert.False(access.IsPassword(""));
        var (again, second) = Open(null);
        Assert.Null(second);
        Assert.True(again.IsPassword(generated));
        Assert.DoesNotContain(generated, System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public void Sessions_outlive_a_restart_end_in_time_and_by_signing_out()
    {
        var token = Open("secret").Access.SignIn();
        var (access, _) = Open("secret");
        Assert.True(access.IsSignedIn(token));
        Assert.False(access.IsSignedIn(token + "x"));
        Assert.DoesNotContain(token, System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        var other = access.SignIn();
        access.SignOut(other);
        Assert.False(access.IsSignedIn(other));
        Assert.True(access.IsSignedIn(token));
        _time.Advance(AdminAccess.SessionTime);
        Assert.False(access.IsSignedIn(token));
    }

    [Fact]
    public void Another_password_ends_all_sessions()
    {
        var token = Open("first").Access.SignIn();
        var (access, generated) = Open("second");
        Assert.Null(generated);
        Assert.False(access.IsSignedIn(token));
        Assert.True(access.IsPassword("second"));
        Assert.False(access.IsPassword("first"));
    }

    [Fact]
    public void Sessions_do_not_pile_up()
    {
        var (access, _) = Open("secret");
        var first = access.SignIn();
        var last = first;
        for (var i = 0; i < 40; i++)
        {
            last = access.SignIn();
        }

        Assert.False(access.IsSignedIn(first));
        Assert.True(access.IsSignedIn(last));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (AdminAccess Access, string? Generated) Open(string? password) => AdminAccess.Open(File, password, _time, NullLogger.Instance);
}
