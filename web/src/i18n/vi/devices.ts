import type { devices as en } from "../en/devices";

export const devices: typeof en = {
  devices: "Thiết bị",
  thisDevice: "Thiết bị này",
  unverified: "Chưa liên kết",
  lastSeen: "Hoạt động {when}",
  neverSeen: "Chưa hoạt động",
  rename: "Đổi tên",
  revoke: "Đăng xuất thiết bị này",
  revokeConfirm: "“{name}” bị đăng xuất ngay và không đọc được gì nữa. Nhập mật khẩu của bạn.",
};
