using System.Diagnostics;
using Starling.Cluster.Discovery;

namespace Starling.Cluster.Tests.Discovery;

public sealed class FolderOwnerTests
{
    [Fact]
    public async Task A_folder_of_another_user_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix only.");
        using var folder = new TestFolder();
        Assert.True(FolderOwner.IsMine(folder.Path));
        if (Environment.UserName != "root")
        {
            // Of the superuser.
            Assert.False(FolderOwner.IsMine("/usr"));
            return;
        }

        using var change = Process.Start("chown", ["12345", folder.Path]);
        await change.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.False(FolderOwner.IsMine(folder.Path));
        var exception = Assert.Throws<IOException>(() => new ClusterFolder(folder.Path));
        Assert.Contains("another user", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_not_mine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix only.");
        Assert.False(FolderOwner.IsMine("/a/folder/that/is/not/there"));
    }
}
